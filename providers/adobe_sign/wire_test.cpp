#include "providers/adobe_sign/wire.hpp"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json/value.hpp"
#include "providers/adobe_sign/notification.hpp"
#include "providers/adobe_sign/test_support.hpp"
#include "providers/adobe_sign/wire_account.hpp"

namespace signwatch::adobe_sign {
namespace {

using testing::code_of;
using testing::fixture;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::response;

TEST(AdobeWire, reads_an_agreement) {
    const WireAgreement read = parse_agreement(fixture("agreement.json"));
    EXPECT_EQ(read.id, testing::agreement_id);
    EXPECT_EQ(read.status, "OUT_FOR_SIGNATURE");
    EXPECT_EQ(read.reference, "LOAN-2041");
    EXPECT_EQ(read.last_event_at, parse_iso8601("2026-05-11T07:30:00Z"));
    const WireAgreement least = parse_agreement(R"({"status":" signed "})");
    EXPECT_EQ(least.status, "SIGNED");
    EXPECT_EQ(least.id, "");
    EXPECT_FALSE(least.last_event_at);
    EXPECT_EQ(parse_agreement(R"({"status":"X","externalId":"LOAN-1"})").reference, "LOAN-1");
    EXPECT_EQ(parse_agreement(R"({"status":"X","externalId":{"id":")" + std::string(256, 'x') + "\"}}").reference, "");
    EXPECT_EQ(parse_agreement(R"({"status":"İMZA <b>"})").status, "__MZA__B_");
}

TEST(AdobeWire, reads_members_and_events) {
    const auto sets = parse_members(fixture("members-replaced.json"));
    ASSERT_EQ(sets.size(), 2U);
    EXPECT_EQ(sets[0].status, "COMPLETED");
    EXPECT_EQ(sets[0].order, 1);
    EXPECT_EQ(sets[0].members.at(0).id, "PART-1");
    EXPECT_EQ(sets[0].members.at(0).email.reveal(), "ingrid.canary@customer.example");
    EXPECT_FALSE(sets[1].members.at(0).replaced);
    EXPECT_TRUE(sets[1].members.at(1).replaced);
    const auto events = parse_events(fixture("events-signed.json"));
    ASSERT_EQ(events.size(), 8U);
    EXPECT_EQ(events[5].type, "DIGSIGNED");
    EXPECT_EQ(events[5].date, parse_iso8601("2026-05-11T09:00:00Z"));
    EXPECT_EQ(events[5].participant, "PART-2");
    EXPECT_TRUE(parse_events("{}").empty());
    EXPECT_TRUE(parse_events(R"({"events":[{},{"date":"x"}]})").empty());
}

TEST(AdobeWire, dates_come_in_four_forms) {
    const auto moment = parse_iso8601("2026-03-04T10:02:11Z");
    for (const char* text : {"2026-03-04T10:02:11Z",
                             "2026-03-04T13:02:11+03:00",
                             "2026-03-04T13:02:11+0300",
                             "2026-03-04T05:02:11-0500",
                             "2026-03-04T10:02:11.000Z",
                             " 2026-03-04T10:02:11 ",
                             "2026-03-04T10:02:11"})
        EXPECT_EQ(parse_date(text), moment) << text;
    for (const char* text : {"", "yesterday", "2026-03-04", "12345", "2026-13-04T10:02:11Z"})
        EXPECT_FALSE(parse_date(text)) << text;
}

TEST(AdobeWire, refuses_what_is_no_answer) {
    const std::pair<const char*, const char*> agreements[] = {
        {"", "json_syntax"},
        {"<html>", "json_syntax"},
        {"[]", "json_field"},
        {"{}", "json_field"},
        {R"({"status":null})", "json_field"},
        {R"({"status":" "})", "json_field"},
        {R"({"status":"A","Status":"B"})", "json_duplicate_name"}};
    for (const auto& [body, code] : agreements)
        EXPECT_EQ(code_of([&] { parse_agreement(body); }), code) << body;
    for (const char* body : {"{}",
                             R"({"participantSets":{}})",
                             R"({"participantSets":[7]})",
                             R"({"participantSets":[{"memberInfos":7}]})",
                             R"({"participantSets":[{"memberInfos":["x"]}]})"})
        EXPECT_EQ(code_of([&] { parse_members(body); }), "json_field") << body;
    EXPECT_EQ(code_of([&] { parse_events(R"({"events":{"a":1}})"); }), "json_field");
    EXPECT_EQ(code_of([&] { parse_agreement(std::string(100'000, '[')); }), "json_depth");
    EXPECT_EQ(code_of([&] { parse_agreement(R"({"status":"A","id":")" + std::string(1'001, 'x') + "\"}"); }),
              "json_field");
    std::string many = R"({"participantSets":[{})";
    for (int i = 0; i < 500; ++i)
        many += ",{}";
    EXPECT_EQ(code_of([&] { parse_members(many + "]}"); }), "signer_count");
}

TEST(AdobeWire, the_access_point_is_read_in_every_spelling) {
    for (const char* body : {R"({"apiAccessPoint":"https://api.eu1.adobesign.com/","webAccessPoint":"x"})",
                             R"({"api_access_point ":" https://api.eu1.adobesign.com"})",
                             R"({"API_ACCESS_POINT":"https://api.eu1.adobesign.com//"})"})
        EXPECT_EQ(parse_access_point(body), "https://api.eu1.adobesign.com") << body;
    for (const char* body : {"{}", R"({"apiAccessPoint":""})", R"({"webAccessPoint":"https://x"})"})
        EXPECT_EQ(code_of([&] { parse_access_point(body); }), "json_field") << body;
}

TEST(AdobeWire, tokens_are_read_and_their_life_is_seconds) {
    const WireToken token =
        parse_token(R"({"access_token":"a.b-c","refresh_token":"r*","token_type":"Bearer","expires_in":"3600"})");
    EXPECT_EQ(token.access.reveal(), "a.b-c");
    EXPECT_EQ(token.refresh.reveal(), "r*");
    EXPECT_EQ(token.lifetime, std::chrono::hours{1});
    EXPECT_TRUE(parse_token(R"({"access_token":"a"})").refresh.empty());
    EXPECT_EQ(parse_token(R"({"access_token":"a","expires_in":3600000})").lifetime, std::chrono::hours{24});
    EXPECT_EQ(parse_token(R"({"access_token":"a","expires_in":-5})").lifetime, std::chrono::seconds{1});
    for (const char* body : {"{}", R"({"access_token":" "})", R"({"access_token":"a\r\nX-Evil: 1"})"})
        EXPECT_EQ(code_of([&] { parse_token(body); }), "json_field") << body;
}

TEST(AdobeWire, errors_tell_a_code_and_an_action_and_nothing_else) {
    const WireError told = error_in(response(
        429,
        R"({"code":"THROTTLING_TOO_MANY_REQUESTS","message":"Ingrid, try later (apiActionId=act-7).","retryAfter":42})"));
    EXPECT_EQ(told.code, "THROTTLING_TOO_MANY_REQUESTS");
    EXPECT_EQ(told.action, "act-7");
    EXPECT_EQ(told.retry_after, std::chrono::seconds{42});
    EXPECT_EQ(told.told(), " (THROTTLING_TOO_MANY_REQUESTS, apiActionId act-7)");
    EXPECT_EQ(error_in(response(400, R"({"error":"invalid_grant","error_description":"x"})")).code, "INVALID_GRANT");
    for (const char* body :
         {"", "<html>Ingrid</html>", R"({"code":"Ingrid Canary"})", R"({"code":7,"retryAfter":-1})", "[1]"}) {
        const WireError none = error_in(response(500, body));
        EXPECT_THAT(none.told(), Not(HasSubstr("Ingrid"))) << body;
        EXPECT_FALSE(none.retry_after) << body;
    }
    EXPECT_EQ(error_in(response(500, std::string(70'000, ' ') + R"({"code":"X"})")).code, "");
}

TEST(AdobeWire, a_body_cut_or_damaged_anywhere_is_read_or_refused_but_never_worse) {
    std::mt19937 random(20260511);
    const std::string parts[] = {"{", "}", "[", "]", "\"", ":", ",", "null", "-1", "1e999", "\\u0000", "\xFF", "true"};
    const std::pair<const char*, void (*)(const std::string&)> readers[] = {
        {"agreement.json", [](const std::string& body) { parse_agreement(body); }},
        {"members-completed.json", [](const std::string& body) { parse_members(body); }},
        {"events-signed.json", [](const std::string& body) { parse_events(body); }},
        {"search-first.json", [](const std::string& body) { parse_search(body); }},
        {"list-first.json", [](const std::string& body) { parse_list(body); }},
        {"webhooks.json", [](const std::string& body) { parse_webhooks(body); }},
        {"notification.json", [](const std::string& body) { parse_notification(body); }}};
    for (const auto& [name, read] : readers) {
        const std::string body = fixture(name);
        for (std::size_t length = 0; length < body.find_last_of('}'); length += 7)
            ASSERT_NE(code_of([&, read = read] { read(body.substr(0, length)); }), "") << name << length;
        for (int round = 0; round < 200; ++round) {
            std::string damaged = body;
            for (int edit = 0; edit < 3; ++edit)
                damaged.replace(random() % damaged.size(), random() % 3, parts[random() % std::size(parts)]);
            const auto error = testing::error_of([&, read = read] { read(damaged); });
            if (!error) continue;
            EXPECT_EQ(error->kind(), ErrorKind::integrity) << name;
            EXPECT_THAT(error->what(), Not(HasSubstr("anary"))) << name;
        }
    }
}

TEST(AdobeWire, reads_the_samples_of_the_notes) {
    for (const auto& path : testing::samples("agreement."))
        EXPECT_EQ(parse_agreement(testing::read_text(path)).reference, "KREDI-2026-000417") << path;
    for (const auto& path : testing::samples("members."))
        EXPECT_EQ(parse_members(testing::read_text(path)).size(), 2U) << path;
    for (const auto& path : testing::samples("events."))
        EXPECT_GE(parse_events(testing::read_text(path)).size(), 2U) << path;
    for (const auto& path : testing::samples("error."))
        EXPECT_NE(error_in(response(400, testing::read_text(path))).code, "") << path;
    for (const auto& path : testing::samples("oauth_"))
        EXPECT_EQ(code_of([&] { parse_token(testing::read_text(path)); }).empty(),
                  path.filename().string().find(".200.") != std::string::npos)
            << path;
    for (const auto& path : testing::samples("agreements_list."))
        EXPECT_FALSE(parse_list(testing::read_text(path)).assets.empty()) << path;
    for (const auto& path : testing::samples("search.response."))
        EXPECT_EQ(parse_search(testing::read_text(path)).total, 51) << path;
    for (const auto& path : testing::samples("base_uris."))
        EXPECT_EQ(parse_access_point(testing::read_text(path)), "https://api.eu1.adobesign.com") << path;
    for (const auto& path : testing::samples("webhook_get."))
        EXPECT_EQ(parse_webhook(testing::read_text(path)).active,
                  path.filename().string().find("inactive") == std::string::npos)
            << path;
}

}  // namespace
}  // namespace signwatch::adobe_sign
