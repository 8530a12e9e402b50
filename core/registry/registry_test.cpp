// What may be registered, and how it reads.
#include <gtest/gtest.h>

#include "core/registry/registration_json.hpp"
#include "core/registry/registration_rules.hpp"

namespace signwatch::registry {
namespace {

using namespace std::chrono_literals;

struct Settings : AccountSettings {
    AccountTerms account_terms;

    Settings() {
        account_terms.account = "acme";
        account_terms.process_interval = 24h;
        account_terms.shortest_interval = 1h;
    }
    const AccountTerms& terms() const override { return account_terms; }
    std::vector<WatchKey> standing_watches() const override { return {}; }
    std::string mistake_in(const std::string& id) const override { return id == "bad" ? "an id has digits" : ""; }
    HttpIdentity identity() const override { return {}; }
};

Registration valid() {
    Registration registration;
    registration.account = "acme";
    registration.process_id = "1";
    registration.correlation_id = "loan-1";
    return registration;
}

TEST(RegistrationRules, what_is_whole_passes) {
    Registration registration = valid();
    registration.interval = 2h;
    registration.labels = {{"branch", "Oslo"}, {"team", "løn"}};
    EXPECT_EQ(mistake_in(registration, std::make_unique<Settings>().get()), "");
}

TEST(RegistrationRules, every_mistake_is_named) {
    const Settings settings;
    const auto mistake = [&](auto change) {
        Registration registration = valid();
        change(registration);
        return mistake_in(registration, &settings);
    };
    EXPECT_NE(mistake([](Registration& r) { r.process_id = "bad"; }).find("digits"), std::string::npos);
    EXPECT_NE(mistake([](Registration& r) { r.correlation_id = ""; }).find("correlation"), std::string::npos);
    EXPECT_NE(mistake([](Registration& r) { r.correlation_id = "a\nb"; }).find("correlation"), std::string::npos);
    EXPECT_NE(mistake([](Registration& r) { r.correlation_id = std::string(201, 'x'); }), "");
    EXPECT_NE(mistake([](Registration& r) { r.interval = 1min; }).find("interval"), std::string::npos);
    EXPECT_NE(mistake([](Registration& r) { r.interval = 24h * 40; }).find("interval"), std::string::npos);
    EXPECT_NE(mistake([](Registration& r) { r.labels.assign(9, {"a", "b"}); }).find("at most 8"), std::string::npos);
    EXPECT_NE(mistake([](Registration& r) { r.labels = {{"A", "b"}}; }).find("name"), std::string::npos);
    EXPECT_NE(mistake([](Registration& r) {
                  r.labels = {{"a", std::string(101, 'x')}};
              }).find("value"),
              std::string::npos);
    EXPECT_NE(mistake([](Registration& r) { r.labels = {{"a", "1"}, {"a", "2"}}; }).find("twice"), std::string::npos);
    EXPECT_NE(mistake_in(valid(), nullptr).find("no account acme"), std::string::npos);
}

TEST(RegistrationRules, a_queue_takes_no_interval) {
    Settings settings;
    settings.account_terms.process_interval = 0ms;
    Registration registration = valid();
    EXPECT_EQ(mistake_in(registration, &settings), "");
    registration.interval = 1h;
    EXPECT_NE(mistake_in(registration, &settings).find("queue"), std::string::npos);
}

TEST(RegistrationRules, first_looks_are_spread_evenly_and_always_the_same) {
    constexpr int count = 24'000;
    std::vector<int> hours(24);
    Registration registration = valid();
    for (int i = 0; i < count; ++i) {
        registration.process_id = std::to_string(i);
        const milliseconds after = first_look_after(registration, 24h);
        EXPECT_EQ(after, first_look_after(registration, 24h));
        ++hours.at(static_cast<std::size_t>(after / 1h));
    }
    for (const int looks : hours)
        EXPECT_NEAR(looks, 1'000, 200);
}

TEST(RegistrationJson, reads_everything) {
    const auto read = read_registration(R"({"account":"acme","processId":"1","correlationId":"loan-1",
        "deadline":"2026-12-24T18:00:00+01:00","interval":"5m","labels":{"branch":"Oslo"}})");
    const auto& registration = std::get<Registration>(read);
    EXPECT_EQ(registration.account, "acme");
    EXPECT_EQ(registration.process_id, "1");
    EXPECT_EQ(registration.correlation_id, "loan-1");
    EXPECT_EQ(to_rfc3339(registration.deadline.value()), "2026-12-24T17:00:00.000Z");
    EXPECT_EQ(registration.interval.value(), 5min);
    EXPECT_EQ(registration.labels, (std::vector<Label>{{"branch", "Oslo"}}));
}

TEST(RegistrationJson, refuses_what_it_does_not_understand) {
    for (const char* text : {"",
                             "[]",
                             "{",
                             "{}",
                             R"({"account":1,"processId":"1","correlationId":"a"})",
                             R"({"account":"a","processId":"1"})",
                             R"({"account":"a","processId":"1","correlationId":"c","deadline":"tomorrow"})",
                             R"({"account":"a","processId":"1","correlationId":"c","deadline":"2026-12-24T18:00:00"})",
                             R"({"account":"a","processId":"1","correlationId":"c","interval":"5 minutes"})",
                             R"({"account":"a","processId":"1","correlationId":"c","interval":300})",
                             R"({"account":"a","processId":"1","correlationId":"c","labels":["x"]})",
                             R"({"account":"a","processId":"1","correlationId":"c","labels":{"x":1}})",
                             R"({"account":"a","processId":"1","correlationId":"c","corelationId":"c"})"}) {
        EXPECT_TRUE(std::holds_alternative<Unreadable>(read_registration(text))) << text;
    }
    EXPECT_TRUE(std::holds_alternative<Unreadable>(read_registration(std::string(20'000, '['))));
}

}  // namespace
}  // namespace signwatch::registry
