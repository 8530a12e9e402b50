#include <gtest/gtest.h>

#include "core/reconcile/checks.hpp"

namespace signwatch::reconcile {
namespace {

using std::chrono::hours;

constexpr WallTime now = from_unix_ms(1'700'000'000'000);

std::map<std::string, AccountTerms> accounts(CallLimits limits) {
    AccountTerms terms;
    terms.account = "sign";
    terms.budget_key = "arqsign/sign";
    terms.limits = limits;
    return {{"sign", terms}};
}

BudgetRow budget(std::vector<CallCount> calls) {
    return {"arqsign/sign", std::move(calls)};
}

std::vector<std::string> details(const std::vector<Divergence>& found) {
    std::vector<std::string> texts;
    for (const Divergence& each : found)
        texts.push_back(each.detail);
    return texts;
}

TEST(BudgetCheck, counts_within_the_limits_are_fine) {
    CallLimits limits;
    limits.per_hour = 10;
    limits.per_month = 400;
    const auto rows = budget({{CallSpan::hour, now - hours{3}, 10}, {CallSpan::day, now - hours{24}, 400}});
    EXPECT_TRUE(exceeded_budgets({rows}, accounts(limits), now).empty());
    EXPECT_TRUE(exceeded_budgets({rows}, accounts({}), now).empty());
    EXPECT_TRUE(exceeded_budgets({rows}, {}, now).empty());
}

TEST(BudgetCheck, each_span_is_held_against_its_limit) {
    CallLimits limits{20, 10, 100, 0};
    const auto rows = budget({{CallSpan::minute, now, 22}, {CallSpan::hour, now, 11}, {CallSpan::day, now, 106}});
    const auto found = exceeded_budgets({rows}, accounts(limits), now);
    EXPECT_EQ(details(found),
              (std::vector<std::string>{"22 calls in the minute from 2023-11-14T22:13:20.000Z, 20 are allowed",
                                        "11 calls in the hour from 2023-11-14T22:13:20.000Z, 10 are allowed",
                                        "106 calls in the day from 2023-11-14T22:13:20.000Z, 100 are allowed"}));
    EXPECT_EQ(found.at(0).account, "sign");
    EXPECT_EQ(found.at(0).kind, Kind::budget_exceeded);
}

TEST(BudgetCheck, a_month_is_31_days_and_what_was_before_is_no_matter) {
    CallLimits limits;
    limits.per_month = 80;
    const std::vector<CallCount> month{{CallSpan::day, now - hours{24 * 30}, 50}, {CallSpan::day, now, 35}};
    EXPECT_EQ(details(exceeded_budgets({budget(month)}, accounts(limits), now)),
              std::vector<std::string>{"85 calls in 31 days, 80 are allowed"});
    const std::vector<CallCount> longer{{CallSpan::day, now - hours{24 * 32}, 50}, {CallSpan::day, now, 35}};
    EXPECT_TRUE(exceeded_budgets({budget(longer)}, accounts(limits), now).empty());
}

TEST(BudgetCheck, what_a_busy_minute_counts_in_advance_is_allowed) {
    CallLimits limits;
    limits.per_minute = 1'000;
    EXPECT_TRUE(exceeded_budgets({budget({{CallSpan::minute, now, 1'050}})}, accounts(limits), now).empty());
    EXPECT_FALSE(exceeded_budgets({budget({{CallSpan::minute, now, 1'051}})}, accounts(limits), now).empty());
}

}  // namespace
}  // namespace signwatch::reconcile
