#include "tests/simulator/signhub/simulator.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/crypto/digest.hpp"
#include "tests/fakes/temp_dir.hpp"
#include "tests/simulator/curl_client.hpp"
#include "tests/simulator/running_simulator.hpp"

namespace signwatch::simulator::signhub {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using namespace std::chrono_literals;

constexpr const char* zero_session = "00000000-0000-0000-0000-000000000000";

/// A simulator on a thread of its own, called with the curl program, which shares no code with it.
class SignhubSimulatorTest : public ::testing::Test {
protected:
    /// One flow with two signers that finishes after 60 and 120 s (virtual), unless `change` says otherwise.
    template <typename Change>
    void start(Change change) {
        simulator_.reset();
        SignhubOptions options;
        options.directory = directory_.path() / "simulator";
        options.mix.flows = 1;
        options.mix.items = {2, 2};
        options.mix.step = 60s;
        options.rules.min_interval = 30s;
        change(options);
        simulator_ = std::make_unique<RunningSimulator<SignhubSimulator>>(options);
    }
    void start() {
        start([](SignhubOptions&) {});
    }

    CurlAnswer curl(std::vector<std::string> extra, const std::string& path, const std::string& key) const {
        std::vector<std::string> arguments{
            "curl", "-s", "-i", "--cacert", (*simulator_)->keys().authority, "-H", "X-API-KEY: " + key};
        arguments.insert(arguments.end(), extra.begin(), extra.end());
        arguments.push_back((*simulator_)->root() + path);
        return CurlClient::parsed(testing::run(arguments));
    }
    CurlAnswer look(int flow = 7001, const std::string& key = "simulated-key-of-signhub") {
        std::string id = std::to_string(++requests_);
        id.insert(0, 21 - id.size(), 'x');
        const nlohmann::json body{
            {"loginSessionId", zero_session}, {"requestId", id}, {"displayLanguage", "tr"}, {"flowId", flow}};
        return curl({"-H", "Content-Type: application/json", "-d", body.dump()}, "/flow/ApiGetFlowStatus", key);
    }
    int status(int flow = 7001) { return nlohmann::json::parse(look(flow).body)["result"]["status"].get<int>(); }
    CurlAnswer download(int flow = 7001) const {
        return curl({},
                    "/flow/ApiDownloadSignedPdf?requestId=a1B2c3D4e5F6g7H8i9J0k&loginSessionId=" +
                        std::string{zero_session} + "&flowId=" + std::to_string(flow),
                    "simulated-key-of-signhub");
    }
    void advance(std::chrono::milliseconds time) { post("/clock/advance", {{"ms", time.count()}}); }
    nlohmann::json post(const std::string& path, const nlohmann::json& body) { return simulator_->post(path, body); }
    nlohmann::json get(const std::string& path) { return simulator_->get(path); }
    void fault(const std::string& fault) { post("/faults", {{"clear", true}, {"set", {fault}}}); }

    testing::TempDir directory_;
    std::unique_ptr<RunningSimulator<SignhubSimulator>> simulator_;
    int requests_ = 0;
};

TEST_F(SignhubSimulatorTest, a_flow_goes_from_running_over_its_signatures_to_its_document) {
    start([](SignhubOptions& options) { options.mix.window = 0s; });
    post("/flows/7001", {{"first_change_ms", 60'000}});
    const CurlAnswer first = look();
    EXPECT_EQ(first.status, 200);
    EXPECT_THAT(first.headers, HasSubstr("Content-Type: application/json; charset=utf-8\r\n"));
    EXPECT_EQ(nlohmann::json::parse(first.body)["result"]["flowItems"][0]["status"], 10);
    EXPECT_EQ(download().status, 400);
    EXPECT_EQ(get("/referee")["downloads_before_finished"], 1);
    advance(60s);
    EXPECT_EQ(status(), 3);
    advance(60s);
    EXPECT_EQ(status(), 4);
    const CurlAnswer pdf = download();
    EXPECT_THAT(pdf.body, StartsWith("%PDF-"));
    const auto flow = get("/flows/7001");
    EXPECT_EQ(flow["sha256"], crypto::sha256_hex(pdf.body));
    EXPECT_EQ(flow["downloads"], 1);
    EXPECT_EQ(flow["looks"], 3);
    EXPECT_TRUE(flow["end_told"]);
    const auto score = get("/referee");
    EXPECT_EQ(score["violations"], 1) << score;
    EXPECT_EQ(score["flows_downloaded"], 1);
}

TEST_F(SignhubSimulatorTest, the_referee_sees_what_was_not_agreed) {
    start();
    look();
    look();
    EXPECT_EQ(get("/referee")["looks_too_soon"], 1);
    EXPECT_EQ(look(7001, "another-key").status, 401);
    EXPECT_EQ(get("/referee")["wrong_credentials"], 1);
    advance(10min);
    for (int i = 0; i < 3; ++i) {
        look();
        advance(1min);
    }
    EXPECT_EQ(get("/referee")["looks_repeated_at_end"], 1);
    EXPECT_EQ(get("/referee")["looks_after_end"], 1);
    EXPECT_EQ(look(7002).status, 400);
    EXPECT_EQ(get("/referee")["unknown_flows"], 1);
    EXPECT_EQ(curl({}, "/flow/ApiGetFlowStatus", "simulated-key-of-signhub").status, 400);
    EXPECT_EQ(curl({}, "/", "simulated-key-of-signhub").status, 400);
    EXPECT_EQ(get("/referee")["malformed_calls"], 2);
}

TEST_F(SignhubSimulatorTest, calls_over_the_limit_of_a_window_are_refused) {
    start([](SignhubOptions& options) { options.rules.limits.per_minute = 2; });
    EXPECT_EQ(look().status, 200);
    advance(1min);
    EXPECT_EQ(look().status, 200);
    EXPECT_EQ(look().status, 429);
    EXPECT_EQ(get("/referee")["limits_exceeded"], 1);
    EXPECT_EQ(get("/referee")["max_calls_in_a"]["minute"], 3);
}

TEST_F(SignhubSimulatorTest, a_status_goes_wrong_in_every_documented_way) {
    start();
    advance(1h);
    const std::pair<const char*, const char*> rows[] = {{"no-envelope", "{\"flowId\""},
                                                        {"pascal-case", "{\"Result\":{\"FlowId\""},
                                                        {"numbers-as-strings", "\"status\":\"4\""},
                                                        {"enum-names", "\"status\":\"Finished\""},
                                                        {"byte-order-mark", "\xEF\xBB\xBF{"},
                                                        {"unknown-status", "\"status\":99"},
                                                        {"unknown-item-status", "\"status\":35"},
                                                        {"items-disagree", "\"status\":30"},
                                                        {"error-string", "\"error\":\"simulated"},
                                                        {"error-object", "\"error\":{\"code\":\"SIM\""},
                                                        {"error-array", "\"error\":["},
                                                        {"error-with-result", "\"error\":\"simulated"},
                                                        {"not-ok", "\"isOk\":false"},
                                                        {"html-200", "<!DOCTYPE html>"}};
    for (const auto& [name, part] : rows) {
        fault(name);
        const CurlAnswer answer = look();
        EXPECT_EQ(answer.status, 200) << name;
        EXPECT_THAT(answer.body, HasSubstr(part)) << name;
    }
    fault("offset-missing");
    EXPECT_THAT(look().body, Not(HasSubstr("+03:00")));
    fault("empty-200");
    EXPECT_EQ(look().body, "");
    fault("truncated");
    EXPECT_FALSE(nlohmann::json::accept(look().body));
    const std::pair<const char*, int> failures[] = {
        {"unauthorized", 401}, {"throttled", 429}, {"throttled-until", 429}, {"html-503", 503}, {"error-500", 500}};
    for (const auto& [name, code] : failures) {
        fault(name);
        EXPECT_EQ(look().status, code) << name;
    }
    fault("cut-before");
    EXPECT_EQ(look().status, 0);
    fault("cut-in-body");
    EXPECT_NE(look().exit_code, 0);
    EXPECT_EQ(get("/referee")["faults"], 24);
}

TEST_F(SignhubSimulatorTest, an_end_is_told_only_by_an_answer_that_can_be_believed) {
    start();
    advance(1h);
    for (const char* name : {"items-disagree", "unknown-status", "error-with-result", "cut-in-body", "html-200"}) {
        fault(name);
        look();
        EXPECT_FALSE(get("/flows/7001")["end_told"]) << name;
    }
    fault("pascal-case");
    look();
    EXPECT_TRUE(get("/flows/7001")["end_told"]);
    EXPECT_EQ(get("/referee")["looks_failed"], 3);
}

TEST_F(SignhubSimulatorTest, a_download_goes_wrong_in_every_documented_way) {
    start([](SignhubOptions& options) { options.rules.document_after = 60s; });
    advance(90s);
    EXPECT_EQ(download().status, 400);
    EXPECT_EQ(get("/referee")["downloads_too_early"], 1);
    advance(2min);
    for (const auto& [name, code] : {std::pair{"pdf-400", 400}, std::pair{"pdf-500", 500}}) {
        fault(name);
        EXPECT_EQ(download().status, code) << name;
    }
    fault("pdf-json");
    EXPECT_THAT(download().body, StartsWith("{\"result\":null"));
    fault("pdf-html");
    EXPECT_THAT(download().body, StartsWith("<!DOCTYPE"));
    fault("pdf-empty");
    EXPECT_EQ(download().body, "");
    fault("pdf-cut");
    EXPECT_NE(download().exit_code, 0);
    fault("pdf-unsigned");
    EXPECT_THAT(download().body, Not(HasSubstr("/ByteRange")));
    fault("pdf-truncated");
    const std::string half = download().body;
    EXPECT_EQ(get("/flows/7001")["downloads"], 0);
    post("/faults", {{"clear", true}});
    EXPECT_GT(download().body.size(), half.size());
    EXPECT_EQ(get("/flows/7001")["downloads"], 1);
    EXPECT_EQ(get("/referee")["violations"], 0);
}

TEST_F(SignhubSimulatorTest, says_what_it_thinks_of_a_document) {
    start();
    advance(1h);
    const std::string file = directory_.write("signed.pdf", download().body).string();
    const auto verify = [&](const std::string& part) {
        return curl({"-F", part}, "/verification/ApiVerifySignaturesPades", "simulated-key-of-signhub");
    };
    const CurlAnswer valid = verify("file=@" + file);
    EXPECT_EQ(nlohmann::json::parse(valid.body)["result"]["summary"], "ALL_VALID");
    bool canary = false;
    for (const auto& secret : get("/canaries"))
        canary = canary || valid.body.find(secret.get<std::string>()) != std::string::npos;
    EXPECT_TRUE(canary) << "what must not get out";
    EXPECT_THAT(verify("file=%PDF-1.7").body, HasSubstr("CONTAINS_INVALID"));
    fault("verify-incomplete");
    EXPECT_THAT(verify("file=@" + file).body, HasSubstr("CONTAINS_INCOMPLETE"));
    EXPECT_EQ(verify("other=@" + file).status, 400);
    EXPECT_EQ(get("/referee")["verifications"], 3);
}

TEST_F(SignhubSimulatorTest, flows_may_share_documents_and_are_added_at_run_time) {
    start([](SignhubOptions& options) {
        options.mix.flows = 3;
        options.documents = 2;
    });
    advance(1h);
    EXPECT_EQ(download(7001).body, download(7003).body);
    EXPECT_NE(download(7001).body, download(7002).body);
    const auto added = post("/flows", {{"count", 2}, {"types", {0, 1, 2}}, {"ending", "declined"}});
    EXPECT_EQ(added["flow"], 7004);
    EXPECT_EQ(added["flows"].size(), 2U);
    EXPECT_EQ(status(7005), 6);
    EXPECT_EQ(post("/flows", {{"first_change_ms", 1'000}})["flow"], 7006);
    EXPECT_EQ(status(7006), 3);
    post("/flows/7006", {{"ending", "cancelled"}, {"first_change_ms", 0}});
    EXPECT_EQ(status(7006), 5);
    EXPECT_EQ(get("/flows")["flows"].size(), 6U);
    EXPECT_THROW(post("/flows", {{"ending", "strange"}}), std::runtime_error);
    EXPECT_THROW(post("/flows", {{"count", 0}}), std::runtime_error);
    EXPECT_THROW(post("/flows/7999", {{"ending", "declined"}}), std::runtime_error);
    EXPECT_THROW(post("/faults", {{"set", {"strange"}}}), std::runtime_error);
}

TEST_F(SignhubSimulatorTest, its_certificate_names_its_host) {
    start();
    const std::string url = (*simulator_)->root();
    EXPECT_EQ(testing::run({"curl", "-s", url}).exit_code, 60) << "an authority that nobody knows";
    EXPECT_EQ(testing::run({"curl", "-s", "--cacert", (*simulator_)->keys().authority, url}).exit_code, 0);
    const auto ready = nlohmann::json::parse((*simulator_)->ready_line());
    EXPECT_EQ(ready["root"], url);
    EXPECT_EQ(ready["first_id"], 7001);
}

}  // namespace
}  // namespace signwatch::simulator::signhub
