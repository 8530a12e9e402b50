#include "providers/adobe_sign/webhooks.hpp"

#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/crypto/encoding.hpp"
#include "providers/adobe_sign/notification.hpp"
#include "providers/adobe_sign/test_support.hpp"

namespace signwatch::adobe_sign {
namespace {

using testing::fixture;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const AdobeWebhooks& hooks() {
    static const AdobeWebhooks hooks({"CLIENT-1", "UB7E5BXCXY"});
    return hooks;
}

WebhookAnswer answer_to(std::string_view method, const std::vector<HttpHeader>& headers, std::string_view body = "") {
    return hooks().answer({method, headers, body});
}

WebhookAnswer answer_to(std::string_view body) {
    return answer_to("POST", {{"X-AdobeSign-ClientId", "CLIENT-1"}}, body);
}

std::string replaced(std::string body, const std::string& what, const std::string& with) {
    const auto at = body.find(what);
    if (at == std::string::npos) throw std::logic_error("the fixture has no " + what);
    return body.replace(at, what.size(), with);
}

std::string header(const WebhookAnswer& answer, const std::string& name) {
    for (const HttpHeader& each : answer.headers) {
        if (each.name == name) return each.value;
    }
    return {};
}

TEST(AdobeWebhooks, intent_is_answered_with_the_echo_in_header_and_body) {
    for (const char* name : {"X-AdobeSign-ClientId", "x-adobesign-clientid", "X-ADOBESIGN-CLIENTID"}) {
        const WebhookAnswer answer = answer_to("GET", {{"Accept", "*/*"}, {name, " UB7E5BXCXY "}});
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(header(answer, "X-AdobeSign-ClientId"), "UB7E5BXCXY");
        EXPECT_EQ(header(answer, "Content-Type"), "application/json");
        EXPECT_EQ(answer.body, R"({"xAdobeSignClientId":"UB7E5BXCXY"})");
        EXPECT_FALSE(answer.queue);
        EXPECT_THAT(answer.refused, IsEmpty());
    }
}

TEST(AdobeWebhooks, a_notification_is_queued_and_echoed) {
    const WebhookAnswer answer = answer_to(fixture("notification.json"));
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.queue);
    EXPECT_EQ(header(answer, "X-AdobeSign-ClientId"), "CLIENT-1");
    EXPECT_EQ(answer.body, R"({"xAdobeSignClientId":"CLIENT-1"})");
    EXPECT_THAT(answer.dedup_key, SizeIs(64));
    EXPECT_EQ(hooks().unavailable_status(), 503);
    EXPECT_EQ(hooks().max_body(), 12U << 20);
}

TEST(AdobeWebhooks, who_does_not_name_our_application_gets_nothing) {
    const std::vector<HttpHeader> strangers[] = {
        {},
        {{"X-AdobeSign-ClientId", ""}},
        {{"X-AdobeSign-ClientId", "CLIENT-2"}},
        {{"X-AdobeSign-ClientId", "CLIENT-"}},
        {{"X-AdobeSign-ClientId", "client-1"}},
        {{"X-AdobeSign-ClientId", "CLIENT-1,CLIENT-1"}},
        {{"X-AdobeSign-ClientId", "CLIENT-2"}, {"X-AdobeSign-ClientId", "CLIENT-1"}}};
    for (const auto& headers : strangers) {
        for (const char* method : {"GET", "POST"}) {
            const WebhookAnswer answer = answer_to(method, headers, fixture("notification.json"));
            EXPECT_EQ(answer.status, 400);
            EXPECT_EQ(answer.refused, "unknown_client");
            EXPECT_FALSE(answer.queue);
            EXPECT_THAT(answer.headers, IsEmpty());
            EXPECT_THAT(answer.body, IsEmpty());
        }
    }
    for (const char* method : {"PUT", "DELETE", "HEAD", "post", ""}) {
        const WebhookAnswer answer = answer_to(method, {{"X-AdobeSign-ClientId", "CLIENT-1"}});
        EXPECT_EQ(answer.status, 400);
        EXPECT_EQ(answer.refused, "bad_method");
    }
}

TEST(AdobeWebhooks, repeats_share_a_key_and_other_events_do_not) {
    const std::string body = fixture("notification.json");
    const std::string key = answer_to(body).dedup_key;
    EXPECT_EQ(answer_to(body).dedup_key, key);
    const std::string by_another_webhook =
        replaced(replaced(body, "\"hook-1\"", "\"hook-9\""), "\"note-1\"", "\"note-9\"");
    EXPECT_EQ(answer_to(by_another_webhook).dedup_key, key) << "one event, told by two webhooks";
    EXPECT_EQ(answer_to(fixture("notification-minimum.json")).dedup_key, key) << "trimmed to its least";
    std::set<std::string> keys{key};
    keys.insert(answer_to(replaced(body, "WORKFLOW_COMPLETED", "REJECTED")).dedup_key);
    keys.insert(answer_to(replaced(body, "09:00:00", "09:00:01")).dedup_key);
    keys.insert(answer_to(replaced(body, "\"USER-2\"", "\"USER-1\"")).dedup_key);
    keys.insert(answer_to(replaced(body, "ACCOUNT-1", "ACCOUNT-2")).dedup_key);
    keys.insert(answer_to(replaced(body, "loan-2041", "loan-2042")).dedup_key);
    keys.insert(answer_to(replaced(body, "\"event\"", "\"subEvent\":\"EXPIRED\",\"event\"")).dedup_key);
    keys.insert(answer_to(replaced(body, "\"event\"", "\"actionType\":\"ESIGNED\",\"event\"")).dedup_key);
    EXPECT_THAT(keys, SizeIs(8));
    // Without an agreement, by the notification's own ids; without those, by its bytes.
    const auto without = [](const std::string& rest) { return answer_to("{" + rest + "}").dedup_key; };
    EXPECT_EQ(without(R"("webhookId":"h","webhookNotificationId":"n")"),
              without(R"("webhookNotificationId":"n","webhookId":"h","x":1)"));
    EXPECT_NE(without(R"("webhookId":"h","webhookNotificationId":"n")"),
              without(R"("webhookId":"g","webhookNotificationId":"n")"));
    EXPECT_NE(without(R"("x":1)"), without(R"("x":2)"));
}

TEST(AdobeWebhooks, what_cannot_be_read_is_queued_and_then_given_up) {
    for (const char* body : {"", "{", "<html>", "[]", "7", "\xFF\xFE", R"({"event":"A","EVENT":"B"})"}) {
        const WebhookAnswer answer = answer_to(body);
        EXPECT_EQ(answer.status, 200) << body;
        EXPECT_TRUE(answer.queue) << body;
        EXPECT_THAT(answer.dedup_key, SizeIs(64));
        const auto error = testing::error_of([&] { hooks().read(body); });
        ASSERT_TRUE(error) << body;
        EXPECT_EQ(error->kind(), ErrorKind::permanent) << body;
    }
    EXPECT_EQ(testing::code_of([] { hooks().read(std::string(100'000, '[')); }), "json_depth");
    EXPECT_EQ(testing::code_of([] { hooks().read(std::string((12 << 20) + 1, ' ')); }), "json_too_large");
}

TEST(AdobeWebhooks, a_notification_names_the_agreement_and_is_not_believed) {
    for (const char* name : {"notification.json", "notification-minimum.json"}) {
        const auto hints = hooks().read(fixture(name));
        ASSERT_THAT(hints, SizeIs(1));
        EXPECT_EQ(hints[0].process_id, testing::agreement_id);
        EXPECT_EQ(hints[0].token, "") << "always news";
    }
    EXPECT_EQ(hooks().read(fixture("notification.json"))[0].reference, "LOAN-2041");
    EXPECT_EQ(hooks().read(fixture("notification-minimum.json"))[0].reference, "");
}

TEST(AdobeWebhooks, only_a_restart_says_that_an_ended_agreement_goes_on) {
    const std::string body = fixture("notification.json");
    const std::string event = "AGREEMENT_WORKFLOW_COMPLETED";
    EXPECT_FALSE(hooks().read(body).at(0).restarted);
    EXPECT_FALSE(hooks().read(replaced(body, event, "AGREEMENT_EXPIRATION_UPDATED")).at(0).restarted);
    EXPECT_TRUE(hooks().read(replaced(body, event, "AGREEMENT_RESTARTED")).at(0).restarted);
}

TEST(AdobeWebhooks, trimming_in_all_four_forms_and_any_type_is_understood) {
    const std::string body = fixture("notification-minimum.json");
    const std::string names = R"("conditionalParametersTrimmed":["includeSignedDocuments","includeDetailedInfo"],)";
    const std::string objects = R"("conditionalParametersTrimmed":[{"name":"includeSignedDocuments"},{}],)";
    for (const std::string& trimmed : {names, objects}) {
        EXPECT_THAT(hooks().read(replaced(body, "\"webhookScope\"", trimmed + "\"webhookScope\"")), SizeIs(1));
        EXPECT_THAT(hooks().read(replaced(body, "\"status\"", trimmed + "\"status\"")), SizeIs(1));
    }
    EXPECT_THAT(hooks().read(replaced(body, "\"AGREEMENT_WORKFLOW_COMPLETED\"", "7")), SizeIs(1));
    EXPECT_THAT(hooks().read(replaced(body, "\"ACCOUNT-1\"", "{\"id\":1}")), SizeIs(1));
    EXPECT_THAT(hooks().read(replaced(body, "\"webhookName\"", "\"webhookname\"")), SizeIs(1));
}

TEST(AdobeWebhooks, only_what_can_be_news_is_worth_a_look) {
    const std::string body = fixture("notification.json");
    const auto look = [&](const char* event) {
        return !hooks().read(replaced(body, "AGREEMENT_WORKFLOW_COMPLETED", event)).empty();
    };
    for (const char* event : {"AGREEMENT_CREATED",
                              "AGREEMENT_ACTION_REQUESTED",
                              "AGREEMENT_ACTION_COMPLETED",
                              "AGREEMENT_REJECTED",
                              "AGREEMENT_RECALLED",
                              "AGREEMENT_EXPIRED",
                              "AGREEMENT_AUTO_CANCELLED_CONVERSION_PROBLEM",
                              "AGREEMENT_RESTARTED",
                              "AGREEMENT_DELETED",
                              "AGREEMENT_SOMETHING_NEW",
                              "agreement_workflow_completed"})
        EXPECT_TRUE(look(event)) << event;
    for (const char* event : {"AGREEMENT_EMAIL_VIEWED",
                              "agreement_reminder_sent",
                              "AGREEMENT_SHARED",
                              "AGREEMENT_UNSHARED_AUTO",
                              "AGREEMENT_DOCUMENTS_VIEWED"})
        EXPECT_FALSE(look(event)) << event;
    EXPECT_THAT(hooks().read(R"({"event":"WIDGET_CREATED","widget":{"id":"W"}})"), IsEmpty());
    EXPECT_THAT(hooks().read(replaced(body, testing::agreement_id, "../../etc")), IsEmpty());
    EXPECT_THAT(hooks().read(replaced(body, testing::agreement_id, std::string(5'000, 'x'))), IsEmpty());
    EXPECT_THAT(hooks().read(R"({"agreement":"x"})"), IsEmpty());
}

TEST(AdobeWebhooks, a_document_within_a_notification_is_ten_megabytes_of_nothing) {
    const std::string pdf = crypto::to_base64(std::string(7 << 20, 'p'));
    const std::string body = replaced(fixture("notification.json"),
                                      "\"status\": \"SIGNED\"",
                                      R"("status":"SIGNED","signedDocumentInfo":{"document":")" + pdf + "\"}");
    EXPECT_GT(body.size(), 9U << 20);
    EXPECT_TRUE(answer_to(body).queue);
    EXPECT_EQ(answer_to(body).dedup_key, answer_to(fixture("notification.json")).dedup_key);
    EXPECT_THAT(hooks().read(body), SizeIs(1));
}

TEST(AdobeWebhooks, reads_the_samples_of_the_notes) {
    std::map<std::string, std::string> keys;
    for (const auto& path : testing::samples("notification.")) {
        const std::string body = testing::read_text(path);
        const auto hints = hooks().read(body);
        ASSERT_THAT(hints, SizeIs(1)) << path;
        EXPECT_EQ(hints[0].process_id, "CBJCHBCAABAAsim0001agreementKREDI2026000417aa") << path;
        keys[path.stem().string()] = answer_to(body).dedup_key;
    }
    if (keys.empty()) return;
    const std::string completed = keys.at("notification.agreement_workflow_completed");
    EXPECT_EQ(keys.at("notification.agreement_workflow_completed.duplicate"), completed);
    EXPECT_EQ(keys.at("notification.agreement_workflow_completed.second_webhook_same_event"), completed);
    EXPECT_EQ(keys.at("notification.agreement_workflow_completed.trimmed"), completed);
    EXPECT_NE(keys.at("notification.agreement_rejected"), completed);
}

}  // namespace
}  // namespace signwatch::adobe_sign
