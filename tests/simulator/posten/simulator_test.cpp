#include "tests/simulator/posten/simulator.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/crypto/digest.hpp"
#include "tests/fakes/temp_dir.hpp"
#include "tests/simulator/curl_client.hpp"
#include "tests/simulator/running_simulator.hpp"

namespace signwatch::simulator {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using namespace std::chrono_literals;

class PostenSimulatorTest : public ::testing::Test {
protected:
    /// One completed job with one signer, unless `change` says otherwise.
    template <typename Change>
    void start(Change change) {
        PostenOptions options;
        options.directory = directory_.path() / "simulator";
        options.mix.jobs = 1;
        change(options);
        simulator_ = std::make_unique<RunningSimulator<PostenSimulator>>(options);
        client_ = std::make_unique<CurlClient>((*simulator_)->keys());
    }
    void start() {
        start([](PostenOptions&) {});
    }
    void start_with(const std::string& fault) {
        start([&fault](PostenOptions& options) { options.faults = {fault}; });
    }

    std::string queue_url() const { return (*simulator_)->root() + "/123456789/portal/signature-jobs"; }
    std::string job_url(const std::string& resource) const { return queue_url() + "/1001/" + resource; }
    CurlAnswer poll(std::vector<std::string> extra = {}) const { return client_->call(queue_url(), std::move(extra)); }
    CurlAnswer get(const std::string& url) const { return client_->call(url); }
    CurlAnswer post(const std::string& url) const { return client_->post(url); }
    nlohmann::json referee() const { return simulator_->get("/referee"); }
    nlohmann::json first_job() const { return simulator_->get("/jobs")["jobs"][0]; }

    testing::TempDir directory_;
    std::unique_ptr<RunningSimulator<PostenSimulator>> simulator_;
    std::unique_ptr<CurlClient> client_;
};

TEST_F(PostenSimulatorTest, a_job_goes_from_poll_over_download_to_confirmation) {
    start();
    const CurlAnswer update = poll();
    ASSERT_EQ(update.status, 200);
    EXPECT_THAT(update.headers, HasSubstr("Content-Type: application/xml\r\n"));
    EXPECT_THAT(update.body, HasSubstr("<pades-url>" + job_url("pades") + "</pades-url>"));
    const CurlAnswer pades = get(job_url("pades"));
    EXPECT_EQ(pades.status, 200);
    EXPECT_THAT(pades.headers, HasSubstr("Content-Type: application/octet-stream\r\n"));
    EXPECT_THAT(pades.body, StartsWith("%PDF-"));
    const CurlAnswer xades = get(job_url("xades/1"));
    EXPECT_THAT(xades.headers, HasSubstr("Content-Type: application/xml\r\n"));
    EXPECT_THAT(xades.body, HasSubstr("QualifyingProperties"));
    EXPECT_EQ(post(job_url("complete")).status, 204);

    const auto job = first_job();
    EXPECT_TRUE(job["deleted"]);
    EXPECT_EQ(job["documents"][0]["sha256"], crypto::sha256_hex(pades.body));
    EXPECT_EQ(job["documents"][1]["sha256"], crypto::sha256_hex(xades.body));
    EXPECT_EQ(job["documents"][0]["size"], pades.body.size());
    EXPECT_GE(job["updates"][0]["confirmed_at_ms"], job["updates"][0]["offered_at_ms"]);
    EXPECT_EQ(get(job_url("pades")).status, 404);
    EXPECT_EQ(post(job_url("complete")).status, 204);
    const auto score = referee();
    EXPECT_EQ(score["violations"], 0) << score;
    EXPECT_EQ(score["duplicate_confirms"], 1);
    EXPECT_EQ(score["downloads"], 2);
}

TEST_F(PostenSimulatorTest, an_empty_queue_closes_the_gate_until_the_time_in_the_header) {
    start([](PostenOptions& options) {
        options.mix.jobs = 0;
        options.rules.empty_interval = 3600s;
    });
    const CurlAnswer empty = poll();
    EXPECT_EQ(empty.status, 204);
    EXPECT_THAT(empty.headers, HasSubstr("X-Next-permitted-poll-time: 2"));
    EXPECT_THAT(empty.headers, Not(HasSubstr("Content-Length")));
    EXPECT_EQ(poll().status, 429);
    EXPECT_EQ(referee()["polls_before_permitted"], 1);
    simulator_->post("/clock/advance", {{"ms", 3'600'000}});
    EXPECT_EQ(poll().status, 204);
}

TEST_F(PostenSimulatorTest, eleven_calls_in_a_second_end_in_the_dos_filter) {
    start();
    std::vector<std::string> same_url_again(11, (*simulator_)->root() + "/123456789");
    const CurlAnswer many = client_->call((*simulator_)->root() + "/123456789", same_url_again);
    EXPECT_THAT(many.body, HasSubstr("HTTP/1.1 429 Too Many Requests"));
    EXPECT_THAT(many.body, HasSubstr("DoSFilter: unavailable"));
    EXPECT_THAT(many.body, Not(HasSubstr("X-Next-permitted-poll-time")));
    EXPECT_GE(referee()["rate_exceeded"], 1);
}

TEST_F(PostenSimulatorTest, refuses_and_counts_clients_without_a_known_certificate) {
    start();
    const std::string url = queue_url();
    EXPECT_EQ(CurlClient::parsed(testing::run({"curl", "-s", "-k", "-i", url})).status, 0);
    const KeyMaterial stranger = write_key_material(directory_.path() / "stranger", {});
    EXPECT_EQ(CurlClient(stranger).call(url).status, 0);
    EXPECT_EQ(CurlClient(stranger).call(url, {"--tls-max", "1.2"}).status, 0);
    const auto score = referee();
    EXPECT_EQ(score["without_client_certificate"], 3) << score;
    EXPECT_EQ(score["calls"], 0);
}

TEST_F(PostenSimulatorTest, a_client_that_trusts_the_authority_sees_that_the_certificate_names_no_host) {
    start();
    const auto& keys = (*simulator_)->keys();
    const std::vector<std::string> strict{
        "curl", "-s", "--cacert", keys.authority, "--cert", keys.client, "--key", keys.client_key, queue_url()};
    EXPECT_EQ(testing::run(strict).exit_code, 60);
}

TEST_F(PostenSimulatorTest, refuses_unknown_urls_wrong_methods_and_bodies) {
    start();
    EXPECT_EQ(get(job_url("pades")).status, 404) << "not offered yet";
    EXPECT_EQ(get(queue_url() + "/77/pades").status, 404);
    EXPECT_EQ(get(job_url("complete")).status, 405);
    EXPECT_EQ(client_->call(job_url("complete"), {"-d", "body"}).status, 400);
    const CurlAnswer stranger = get((*simulator_)->root() + "/999999999/portal/signature-jobs");
    EXPECT_EQ(stranger.status, 403);
    EXPECT_THAT(stranger.body, HasSubstr("<error-code>BROKER_NOT_AUTHORIZED</error-code>"));
    const auto score = referee();
    EXPECT_EQ(score["unknown_urls"], 2);
    EXPECT_EQ(score["malformed_calls"], 2);
}

TEST_F(PostenSimulatorTest, the_time_header_can_go_wrong_in_every_documented_way) {
    start([](PostenOptions& options) {
        options.mix.jobs = 6;
        options.faults = {"time-missing:1"};
    });
    EXPECT_THAT(poll().headers, Not(HasSubstr("X-Next-permitted-poll-time")));
    simulator_->post("/faults", {{"set", {"time-malformed:1"}}});
    EXPECT_THAT(poll().headers, HasSubstr("X-Next-permitted-poll-time: in a while\r\n"));
    simulator_->post("/faults", {{"set", {"time-offsetless:1"}}});
    EXPECT_THAT(poll().headers, Not(HasSubstr("+01:00")));
    simulator_->post("/faults", {{"set", {"time-far-future:1"}}});
    EXPECT_THAT(poll().headers, HasSubstr("+01:00"));
    EXPECT_THAT(poll().headers, HasSubstr("+01:00")) << "the fault was set for one time";
}

TEST_F(PostenSimulatorTest, a_connection_cut_after_the_headers_leaves_the_update_in_flight) {
    start_with("cut-after-headers:1");
    const CurlAnswer cut = poll();
    EXPECT_EQ(cut.status, 200);
    EXPECT_EQ(cut.body, "");
    EXPECT_NE(cut.exit_code, 0);
    EXPECT_EQ(poll().status, 204);
    simulator_->post("/clock/advance", {{"ms", 600'001}});
    EXPECT_EQ(poll().status, 200);
    EXPECT_EQ(referee()["redeliveries"], 1);
}

TEST_F(PostenSimulatorTest, a_lost_reply_to_a_confirmation_has_taken_effect) {
    start_with("confirm-reply-lost:1");
    poll();
    get(job_url("pades"));
    get(job_url("xades/1"));
    EXPECT_EQ(post(job_url("complete")).status, 0);
    EXPECT_TRUE(first_job()["deleted"]);
    EXPECT_EQ(referee()["violations"], 0);
}

TEST_F(PostenSimulatorTest, a_spoiled_document_never_counts_as_downloaded) {
    for (const std::string fault :
         {"pades-500", "pades-html", "pades-truncated", "pades-empty", "pades-wrong-type", "pades-cut"}) {
        start_with(fault + ":each");
        poll();
        EXPECT_EQ(get(job_url("xades/1")).status, 200);
        const CurlAnswer spoiled = get(job_url("pades"));
        EXPECT_FALSE(first_job()["documents"][0]["downloaded"]) << fault;
        const CurlAnswer good = get(job_url("pades"));
        EXPECT_NE(spoiled.body, good.body) << fault;
        EXPECT_TRUE(first_job()["documents"][0]["downloaded"]) << fault;
        EXPECT_EQ(post(job_url("complete")).status, 204);
        EXPECT_EQ(referee()["violations"], 0) << fault;
    }
}

TEST_F(PostenSimulatorTest, confirming_with_a_document_not_downloaded_is_caught) {
    start();
    poll();
    get(job_url("pades"));
    EXPECT_EQ(post(job_url("complete")).status, 204);
    EXPECT_EQ(referee()["confirmed_before_downloaded"], 1);
    EXPECT_EQ(referee()["lost_documents"], 1);
}

TEST_F(PostenSimulatorTest, answers_to_polls_can_be_compressed_slow_foreign_or_not_for_us) {
    start([](PostenOptions& options) { options.mix.jobs = 4; });
    simulator_->post("/faults", {{"set", {"gzip:1", "slow-body:1"}}});
    const CurlAnswer zipped = poll({"--compressed"});
    EXPECT_THAT(zipped.headers, HasSubstr("Content-Encoding: gzip\r\n"));
    EXPECT_THAT(zipped.body, HasSubstr("</portal-signature-job-status-change-response>"));
    simulator_->post("/faults", {{"set", {"foreign-urls:1"}}});
    EXPECT_THAT(poll().body, HasSubstr("<pades-url>https://documents.example.net/api/"));
    simulator_->post("/faults", {{"set", {"html-503:1"}}});
    EXPECT_EQ(poll().status, 503);
    simulator_->post("/faults", {{"set", {"dos-block:1"}}});
    EXPECT_THAT(poll().headers, HasSubstr("DoSFilter"));
    simulator_->post("/clock/advance", {{"ms", 30'000}});
    EXPECT_EQ(poll().status, 200);
    EXPECT_EQ(referee()["violations"], 0);
    EXPECT_EQ(referee()["faults"], 5);
}

TEST_F(PostenSimulatorTest, the_control_api_adds_jobs_at_run_time_and_refuses_nonsense) {
    start([](PostenOptions& options) { options.mix.jobs = 0; });
    const auto added = simulator_->post(
        "/jobs",
        {{"queue", "søknad"}, {"reference", "r-1"}, {"signers", 3}, {"scenario", "in_progress"}, {"count", 2}});
    EXPECT_EQ(added["jobs"].size(), 2u);
    const CurlAnswer update = get(queue_url() + "?polling_queue=s%C3%B8knad");
    EXPECT_EQ(update.status, 200);
    EXPECT_THAT(update.body, HasSubstr("<reference>r-1</reference>"));
    EXPECT_THROW(simulator_->post("/jobs", {{"signers", 11}}), std::runtime_error);
    EXPECT_THROW(simulator_->post("/jobs", {{"scenario", "strange"}}), std::runtime_error);
    EXPECT_THROW(simulator_->post("/faults", {{"set", {"strange"}}}), std::runtime_error);
    EXPECT_THROW(simulator_->get("/nothing"), std::runtime_error);
    EXPECT_EQ(simulator_->get("/healthz")["status"], "ok");
}

}  // namespace
}  // namespace signwatch::simulator
