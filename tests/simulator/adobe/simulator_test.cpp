#include "tests/simulator/adobe/simulator.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/crypto/digest.hpp"
#include "tests/fakes/temp_dir.hpp"
#include "tests/simulator/curl_client.hpp"
#include "tests/simulator/hook_flood.hpp"
#include "tests/simulator/hook_listener.hpp"
#include "tests/simulator/running_simulator.hpp"

namespace signwatch::simulator::adobe {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class AdobeSimulatorTest : public ::testing::Test {
protected:
    template <typename Change>
    void start(Change change) {
        AdobeOptions options;
        options.directory = directory_.path() / "simulator";
        options.calls.identical = 0;
        change(options);
        simulator_ = std::make_unique<RunningSimulator<AdobeSimulator>>(options);
        where_ = json::parse((*simulator_)->ready_line());
        std::ifstream(where_["integration_key_file"].get<std::string>()) >> token_;
    }
    void start(const std::vector<std::string>& faults = {}) {
        start([&faults](AdobeOptions& options) { options.faults = faults; });
    }

    CurlAnswer curl(const std::string& url, const std::vector<std::string>& extra = {}) const {
        std::vector<std::string> arguments{"curl", "-s", "-i", "--cacert", (*simulator_)->keys().authority};
        arguments.insert(arguments.end(), extra.begin(), extra.end());
        arguments.push_back(url);
        return CurlClient::parsed(testing::run(arguments));
    }
    std::string file(const char* name) const {
        std::string text;
        std::ifstream(where_[name].get<std::string>()) >> text;
        return text;
    }
    std::string rest(const char* host = "api") const { return where_[host].get<std::string>() + "api/rest/v6"; }
    CurlAnswer call(const std::string& path, std::vector<std::string> extra = {}, const char* host = "api") const {
        extra.insert(extra.end(), {"-H", "Authorization: Bearer " + token_});
        return curl(rest(host) + path, extra);
    }
    CurlAnswer look(const std::string& id, const std::vector<std::string>& extra = {}) const {
        return call("/agreements/" + id, extra);
    }
    json control(const std::string& path, const json& body = nullptr) const {
        return body.is_null() ? simulator_->get(path) : simulator_->post(path, body);
    }
    std::string create(const json& body = json::object()) const { return control("/agreements", body)["agreement"]; }
    json referee() const { return control("/referee"); }
    CurlAnswer refresh(const std::string& token) const {
        return curl(where_["root"].get<std::string>() + "/oauth/v2/refresh",
                    {"-d",
                     "grant_type=refresh_token&refresh_token=" + token + "&client_id=" +
                         where_["client_id"].get<std::string>() + "&client_secret=" + file("client_secret_file")});
    }
    static std::string etag_of(const CurlAnswer& answer) {
        const auto at = answer.headers.find("ETag: ") + 6;
        return answer.headers.substr(at, answer.headers.find('\r', at) - at);
    }

    HookListener& listener() {
        if (!listener_) listener_ = std::make_unique<HookListener>((*simulator_)->keys());
        return *listener_;
    }
    template <typename Condition>
    void wait_until(Condition condition) {
        for (int i = 0; i < 1000 && !condition(); ++i)
            std::this_thread::sleep_for(10ms);
        EXPECT_TRUE(condition());
    }

    testing::TempDir directory_;
    std::unique_ptr<RunningSimulator<AdobeSimulator>> simulator_;
    std::unique_ptr<HookListener> listener_;
    json where_;
    std::string token_;
};

TEST_F(AdobeSimulatorTest, an_agreement_goes_from_look_to_documents) {
    start();
    const std::string id =
        create({{"participants", 2}, {"first_ms", 1000}, {"step_ms", 1000}, {"ending", "form_filled"}});
    const CurlAnswer first = look(id);
    EXPECT_EQ(json::parse(first.body)["status"], "OUT_FOR_FORM_FILLING");
    EXPECT_THAT(etag_of(first), ::testing::MatchesRegex("D[0-9a-f]{12}"));
    EXPECT_EQ(look(id, {"-H", "If-None-Match: " + etag_of(first)}).status, 304);
    control("/clock/advance", {{"ms", 3000}});
    const CurlAnswer ended = look(id, {"-H", "If-None-Match: " + etag_of(first)});
    EXPECT_EQ(ended.status, 200) << "a change has another ETag";
    EXPECT_EQ(json::parse(ended.body)["status"], "FORM_FILLED");
    EXPECT_EQ(json::parse(call("/agreements/" + id + "/members").body)["participantSets"][1]["status"], "COMPLETED");
    EXPECT_EQ(json::parse(call("/agreements/" + id + "/events").body)["events"].size(), 5U);
    EXPECT_EQ(json::parse(call("/agreements/" + id + "/documents").body)["documents"].size(), 1U);
    const CurlAnswer pdf = call("/agreements/" + id + "/combinedDocument?attachSupportingDocuments=true");
    EXPECT_THAT(pdf.body, StartsWith("%PDF-"));
    EXPECT_THAT(pdf.body, HasSubstr("/ByteRange"));
    EXPECT_THAT(call("/agreements/" + id + "/auditTrail").body, StartsWith("%PDF-"));
    EXPECT_THAT(call("/agreements/" + id + "/formData").body, HasSubstr("\"FORM_FILLER\""));
    const json agreement = control("/agreements")["agreements"][0];
    EXPECT_EQ(agreement["document"]["sha256"], crypto::sha256_hex(pdf.body));
    EXPECT_EQ(agreement["document"]["deliveries"], 1);
    const json score = referee();
    EXPECT_EQ(score["violations"], 0) << score;
    EXPECT_EQ(score["documents_offered"], 1);
    EXPECT_EQ(score["documents_downloaded"], 1);
    EXPECT_EQ(score["not_modified"], 1);
}

TEST_F(AdobeSimulatorTest, a_document_is_not_there_at_once) {
    start();
    const std::string id = create({{"document_after_ms", 60'000}});
    const std::string path = "/agreements/" + id + "/combinedDocument";
    const CurlAnswer early = call(path);
    EXPECT_EQ(early.status, 404);
    EXPECT_EQ(json::parse(early.body)["code"], "DOCUMENT_NOT_YET_AVAILABLE");
    control("/clock/advance", {{"ms", 60'000}});
    EXPECT_EQ(call(path).status, 200);
    const std::string running = create({{"ending", "running"}});
    EXPECT_THAT(call("/agreements/" + running + "/combinedDocument").body, Not(HasSubstr("/ByteRange")));
    EXPECT_EQ(referee()["downloads_before_end"], 1);
}

TEST_F(AdobeSimulatorTest, the_same_get_is_refused_beyond_its_threshold) {
    start([](AdobeOptions& options) { options.calls.identical = 2; });
    const std::string id = create();
    const std::string etag = etag_of(look(id));
    EXPECT_EQ(look(id).status, 200);
    const CurlAnswer refused = look(id);
    EXPECT_EQ(refused.status, 429);
    EXPECT_THAT(refused.headers, HasSubstr("Retry-After: 60"));
    EXPECT_EQ(json::parse(refused.body)["code"], "THROTTLING_TOO_MANY_REQUESTS");
    EXPECT_EQ(json::parse(refused.body)["retryAfter"], 60);
    EXPECT_EQ(look(id, {"-H", "If-None-Match: " + etag}).status, 304) << "that says nothing";
    EXPECT_EQ(call("/agreements/" + id + "/members").status, 200);
    const json score = referee();
    EXPECT_EQ(score["identical_gets_too_soon"], 2);
    EXPECT_EQ(score["calls_before_retry_after"], 1);
    EXPECT_EQ(score["not_modified"], 0);
    control("/clock/advance", {{"ms", 61'000}});
    EXPECT_EQ(look(id).status, 200);
}

TEST_F(AdobeSimulatorTest, high_load_makes_all_calls_of_the_user_wait) {
    start([](AdobeOptions& options) {
        options.clock_rate = 0.01;
        options.faults = {"high-load:1", "throttled-without-body:1"};
    });
    const CurlAnswer refused = look(create());
    EXPECT_EQ(refused.status, 429);
    EXPECT_THAT(refused.headers, HasSubstr("X-Throttling-Reason: high-system-load"));
    EXPECT_FALSE(json::parse(refused.body).contains("retryAfter"));
    EXPECT_EQ(call("/agreements").status, 429);
    std::this_thread::sleep_for(600ms);
    EXPECT_EQ(call("/agreements").status, 429);
    const json score = referee();
    EXPECT_GE(score["calls_before_retry_after"], 1);
    EXPECT_EQ(score["calls_before_retry_after"].get<int>() + score["calls_in_flight_at_429"].get<int>(), 2);
}

TEST_F(AdobeSimulatorTest, tokens_expire_and_refresh_tokens_rotate) {
    start();
    EXPECT_EQ(json::parse(curl(rest() + "/agreements").body)["code"], "NO_AUTHORIZATION_HEADER");
    const std::string first = file("refresh_token_file");
    const json pair = json::parse(refresh(first).body);
    EXPECT_EQ(pair["expires_in"], 3600);
    token_ = pair["access_token"];
    EXPECT_EQ(call("/agreements").status, 200);
    control("/tokens", {{"expire", true}});
    const CurlAnswer expired = call("/agreements");
    EXPECT_EQ(expired.status, 401);
    EXPECT_EQ(json::parse(expired.body)["code"], "INVALID_ACCESS_TOKEN");
    const CurlAnswer dead = refresh(first);
    EXPECT_EQ(dead.status, 400);
    EXPECT_EQ(json::parse(dead.body)["error"], "invalid_grant");
    EXPECT_EQ(refresh(pair["refresh_token"]).status, 200);
    const json score = referee();
    EXPECT_EQ(score["refresh_with_dead_token"], 1);
    EXPECT_EQ(score["expired_tokens_used"], 1);
    EXPECT_EQ(score["wrong_credentials"], 1) << "the call without a token";
}

TEST_F(AdobeSimulatorTest, after_a_migration_the_old_access_point_knows_nothing) {
    start();
    const std::string id = create();
    EXPECT_EQ(look(id).status, 200);
    EXPECT_EQ(json::parse(call("/baseUris", {}, "api").body)["apiAccessPoint"], where_["api"]);
    control("/migrate", json::object());
    const CurlAnswer lost = look(id);
    EXPECT_EQ(json::parse(lost.body)["code"], "INVALID_API_ACCESS_POINT");
    EXPECT_EQ(json::parse(call("/baseUris").body)["apiAccessPoint"], where_["other_api"]);
    EXPECT_EQ(call("/agreements/" + id, {}, "other_api").status, 200);
    control("/faults", {{"set", {"base-uris-snake"}}});
    EXPECT_EQ(json::parse(call("/baseUris").body)["api_access_point "], " " + where_["other_api"].get<std::string>());
}

TEST_F(AdobeSimulatorTest, faults_change_what_is_answered) {
    start();
    const std::string id = create();
    const auto with = [&](const char* fault, const std::string& part = "") {
        control("/faults", {{"clear", true}, {"set", {fault}}});
        return look(id + part);
    };
    EXPECT_EQ(json::parse(with("unknown-status").body)["status"], "UNDER_LEGAL_HOLD");
    EXPECT_THAT(with("dates-compact-offset").body, HasSubstr("+0300"));
    EXPECT_THAT(with("quoted-etags").headers, HasSubstr("ETag: \"D"));
    EXPECT_EQ(with("error-500").status, 500);
    EXPECT_EQ(with("html-503").status, 503);
    EXPECT_EQ(with("unauthorized").status, 401);
    EXPECT_EQ(with("terms-403").status, 403);
    EXPECT_NE(with("cut-in-body").exit_code, 0);
    EXPECT_EQ(with("pdf-not-yet", "/combinedDocument").status, 404);
    const std::size_t truncated = with("pdf-truncated", "/combinedDocument").body.size();
    EXPECT_EQ(truncated, control("/agreements")["agreements"][0]["document"]["size"].get<std::size_t>() / 2);
    EXPECT_NE(with("pdf-cut", "/combinedDocument").exit_code, 0);
    EXPECT_THAT(with("pdf-unsigned", "/combinedDocument").body, Not(HasSubstr("/ByteRange")));
    EXPECT_EQ(with("audit-404", "/auditTrail").status, 404);
    EXPECT_EQ(with("downloaded-events", "/combinedDocument").status, 200);
    EXPECT_THAT(look(id + "/events").body, HasSubstr("\"DOWNLOADED\""));
    EXPECT_EQ(look("nothing").status, 404);
    EXPECT_EQ(call("/nothing").status, 400);
    EXPECT_EQ(referee()["malformed_calls"], 1);
}

TEST_F(AdobeSimulatorTest, a_webhook_is_only_made_if_its_listener_wants_it) {
    start();
    const json wish{{"name", "ours"},
                    {"scope", "ACCOUNT"},
                    {"state", "ACTIVE"},
                    {"webhookSubscriptionEvents", {"AGREEMENT_ALL"}},
                    {"webhookUrlInfo", {{"url", listener().url()}}}};
    listener().answer_with([](const HeardCall&) { return Reply{.status = 200}; });
    EXPECT_EQ(json::parse(call("/webhooks", {"-d", wish.dump()}).body)["code"], "INVALID_WEBHOOK_URL");
    listener().answer_with(HookListener::echo);
    const CurlAnswer made = call("/webhooks", {"-d", wish.dump()});
    EXPECT_EQ(made.status, 201);
    const std::string id = json::parse(made.body)["id"];
    EXPECT_EQ(listener().heard().back().method, "GET");
    EXPECT_EQ(listener().heard().back().client_id, where_["client_id"]);
    EXPECT_EQ(json::parse(call("/webhooks").body)["userWebhookList"][0]["id"], id);
    const CurlAnswer one = call("/webhooks/" + id);
    EXPECT_EQ(json::parse(one.body)["status"], "ACTIVE");
    const std::vector<std::string> off{"-X", "PUT", "-d", R"({"state":"INACTIVE"})", "-H", "If-Match: " + etag_of(one)};
    EXPECT_EQ(call("/webhooks/" + id + "/state", off).status, 204);
    EXPECT_EQ(json::parse(call("/webhooks/" + id).body)["status"], "INACTIVE");
    EXPECT_EQ(call("/webhooks/" + id + "/state", off).status, 412) << "it was modified";
    EXPECT_EQ(json::parse(call("/webhooks").body)["userWebhookList"].size(), 0U);
    create();
    EXPECT_EQ(referee()["hooks_queued"], 0);
    const std::vector<std::string> on{
        "-X", "PUT", "-d", R"({"state":"ACTIVE"})", "-H", "If-Match: " + etag_of(call("/webhooks/" + id))};
    EXPECT_EQ(call("/webhooks/" + id + "/state", on).status, 204);
    EXPECT_THROW(control("/webhooks", {{"url", "https://192.0.2.1/"}}), std::runtime_error) << "nothing calls out";
}

TEST_F(AdobeSimulatorTest, notifications_arrive_until_they_are_acknowledged) {
    start([](AdobeOptions& options) { options.clock_rate = 1000; });
    int calls = 0;
    control("/webhooks", {{"url", listener().url()}});
    listener().answer_with([&calls](const HeardCall& call) {
        ++calls;
        if (calls == 1) return Reply{.status = 503};
        return calls == 2 ? Reply{.status = 200} : HookListener::echo(call);
    });
    const std::string id = create();
    wait_until([&] { return referee()["hooks_acknowledged"] == 4; });
    const auto heard = listener().heard();
    ASSERT_EQ(heard.size(), 7U);
    EXPECT_EQ(heard[0].method, "GET");
    EXPECT_EQ(heard[1].target, "/hooks/secret");
    EXPECT_EQ(json::parse(heard[1].body)["webhookNotificationId"], json::parse(heard[3].body)["webhookNotificationId"]);
    EXPECT_EQ(json::parse(heard[6].body)["event"], "AGREEMENT_WORKFLOW_COMPLETED");
    EXPECT_EQ(json::parse(heard[6].body)["agreement"]["id"], id);
    const json score = referee();
    EXPECT_EQ(score["hook_echo_missing"], 1);
    EXPECT_EQ(score["hook_answers"]["count"], 6);
    EXPECT_EQ(score["hook_answers_late"], 0);
    EXPECT_EQ(control("/notifications")["notifications"][0]["attempts"], 3);
}

TEST_F(AdobeSimulatorTest, answers_that_take_too_long_and_strangers_that_are_believed_are_noted) {
    start([](AdobeOptions& options) {
        options.hooks.answer_limit = 2s;
        options.faults = {"hook-wrong-client-id:1", "hook-huge:1"};
    });
    const json hook = control("/webhooks", {{"url", listener().url()}, {"events", {"AGREEMENT_WORKFLOW_COMPLETED"}}});
    create();
    wait_until([&] { return referee()["hooks_acknowledged"] == 1; });
    EXPECT_GT(listener().heard().back().body.size(), 9'000'000U);
    EXPECT_EQ(referee()["hook_strangers_accepted"], 1);
    listener().answer_with([](const HeardCall& call) {
        std::this_thread::sleep_for(2500ms);
        return HookListener::echo(call);
    });
    create();
    wait_until([&] { return referee()["hook_answers_late"] == 1; });
    EXPECT_EQ(control("/webhooks")["webhooks"][0]["webhook"], hook["webhook"]);
    EXPECT_EQ(control("/webhooks")["webhooks"][0]["queued"], 1);
}

TEST_F(AdobeSimulatorTest, a_flood_is_counted) {
    start();
    FloodOptions options{.url = listener().url(), .rate = 200, .seconds = 1, .connections = 4, .client_id = "OURS"};
    options.tls.authority = (*simulator_)->keys().authority;
    const FloodResult result = flood(options);
    EXPECT_EQ(result.sent, 200U);
    EXPECT_EQ(result.acknowledged, 200U);
    EXPECT_EQ(result.to_json()["statuses"]["200"], 200);
    EXPECT_EQ(listener().heard().size(), 200U);
    EXPECT_NE(listener().heard()[0].body, listener().heard()[1].body);
    EXPECT_THROW(flood({.url = "https://192.0.2.1/"}), std::invalid_argument);
    EXPECT_THROW(flood({.url = listener().url(), .rate = 1'000'000}), std::invalid_argument);
}

}  // namespace
}  // namespace signwatch::simulator::adobe
