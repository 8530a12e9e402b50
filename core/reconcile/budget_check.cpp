#include <map>
#include <set>

#include "core/domain/names.hpp"
#include "core/reconcile/checks.hpp"

namespace signwatch::reconcile {
namespace {

constexpr milliseconds month = std::chrono::hours{24 * 31};

int limit_of(const CallLimits& limits, CallSpan span) {
    return span == CallSpan::minute ? limits.per_minute : span == CallSpan::hour ? limits.per_hour : limits.per_day;
}

// A busy minute counts up to a twentieth of its calls before they are made.
bool exceeds(int calls, int limit) {
    return limit > 0 && calls > limit + limit / 20;
}

Divergence exceeded(const AccountTerms& terms, const std::string& when, int calls, int limit) {
    return {Kind::budget_exceeded,
            terms.account,
            "",
            std::to_string(calls) + " calls in " + when + ", " + std::to_string(limit) + " are allowed",
            Remedy::none};
}

void compare(const BudgetRow& budget, const AccountTerms& terms, WallTime now, std::vector<Divergence>& found) {
    int in_month = 0;
    for (const CallCount& each : budget.calls) {
        const int limit = limit_of(terms.limits, each.span);
        if (each.span == CallSpan::day && each.begin >= now - month) in_month += each.calls;
        if (!exceeds(each.calls, limit)) continue;
        const std::string when =
            "the " + std::string(signwatch::name_of(each.span)) + " from " + to_rfc3339(each.begin);
        found.push_back(exceeded(terms, when, each.calls, limit));
    }
    if (exceeds(in_month, terms.limits.per_month))
        found.push_back(exceeded(terms, "31 days", in_month, terms.limits.per_month));
}

}  // namespace

std::vector<Divergence> exceeded_budgets(const std::vector<BudgetRow>& budgets,
                                         const std::map<std::string, AccountTerms>& accounts,
                                         WallTime now) {
    std::vector<Divergence> found;
    for (const BudgetRow& budget : budgets) {
        for (const auto& [name, terms] : accounts) {
            if (terms.budget_key != budget.budget) continue;
            compare(budget, terms, now, found);
            break;
        }
    }
    return found;
}

Task<void> check_budgets(Run& run) {
    StateView& view = run.parts.view;
    auto look = [&view] { return view.budgets(); };
    const std::vector<BudgetRow> budgets = co_await runtime::offload(run.parts.view_pool, look);
    for (Divergence& divergence : exceeded_budgets(budgets, run.order.accounts, run.parts.clock.schedule_now())) {
        if (run.repairs()) {
            divergence.remedy = Remedy::impossible;
            divergence.detail += "; calls that were made cannot be taken back";
        }
        run.report.add(std::move(divergence));
    }
}

}  // namespace signwatch::reconcile
