#include "tests/simulator/arqsign/simulator.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/crypto/digest.hpp"
#include "core/crypto/encoding.hpp"
#include "tests/fakes/temp_dir.hpp"
#include "tests/simulator/arqsign/hook_bodies.hpp"
#include "tests/simulator/curl_client.hpp"
#include "tests/simulator/hook_listener.hpp"
#include "tests/simulator/running_simulator.hpp"

namespace signwatch::simulator {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ArqSignSimulatorTest : public ::testing::Test {
protected:
    template <typename Change>
    void start(Change change) {
        ArqSignOptions options;
        options.directory = directory_.path() / "simulator";
        options.limits.per_second = 0;
        change(options);
        simulator_ = std::make_unique<RunningSimulator<ArqSignSimulator>>(options);
    }
    void start(const std::vector<std::string>& faults = {}) {
        start([&faults](ArqSignOptions& options) { options.faults = faults; });
    }

    CurlAnswer curl(const std::string& url, const std::vector<std::string>& extra = {}) const {
        std::vector<std::string> arguments{"curl", "-s", "-i", "--cacert", (*simulator_)->keys().authority};
        arguments.insert(arguments.end(), extra.begin(), extra.end());
        arguments.push_back(url);
        return CurlClient::parsed(testing::run(arguments));
    }
    CurlAnswer call(const std::string& path, const std::string& subscription_key = "") const {
        const ArqSignKeys& keys = (*simulator_)->credentials();
        const std::string& subscription = subscription_key.empty() ? keys.subscription_key : subscription_key;
        return curl((*simulator_)->root() + path,
                    {"-H", "AppKey: " + keys.app_key, "-H", "SubscriptionKey: " + subscription});
    }
    CurlAnswer look(const std::string& id) const { return call("/api/v1/processo/" + id + "/status-do-processo"); }
    json whole(const std::string& id, const std::string& query = "") const {
        return json::parse(call("/api/v2/processo/" + id + query).body);
    }
    json control(const std::string& path, const json& body = nullptr) const {
        return body.is_null() ? simulator_->get(path) : simulator_->post(path, body);
    }
    std::string create(const json& body = json::object()) const { return control("/processes", body)["process"]; }
    json referee() const { return control("/referee"); }
    HookListener& listener() {
        if (!listener_) listener_ = std::make_unique<HookListener>((*simulator_)->keys());
        return *listener_;
    }
    void wait_for(const char* count, int value) const {
        for (int i = 0; i < 1000 && referee()[count] != value; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds{10});
        EXPECT_EQ(referee()[count], value) << count;
    }

    testing::TempDir directory_;
    std::unique_ptr<RunningSimulator<ArqSignSimulator>> simulator_;
    std::unique_ptr<HookListener> listener_;
};

TEST_F(ArqSignSimulatorTest, a_process_goes_from_look_to_documents) {
    start();
    const std::string id = create({{"signers", 2}, {"documents", 2}, {"end_ms", 3'600'000}});
    EXPECT_EQ(json::parse(look(id).body)["idStatus"], 2);
    control("/clock/advance", {{"ms", 3'600'000}});
    const CurlAnswer answer = look(id);
    EXPECT_EQ(answer.status, 200);
    const json status = json::parse(answer.body);
    EXPECT_EQ(status["status"], "Concluído");
    EXPECT_THAT(status["dataConclusao"].get<std::string>(), ::testing::MatchesRegex("20.*T.*[.][0-9]{7}"));
    const json body = whole(id);
    ASSERT_EQ(body["documentos"].size(), 2U);
    const std::string pdf = *crypto::from_base64(body["documentos"][1]["base64Documento"].get<std::string>());
    EXPECT_THAT(pdf, StartsWith("%PDF-"));
    EXPECT_THAT(pdf, HasSubstr("/ByteRange"));
    EXPECT_EQ(body["signatarios"].size(), 3U);
    EXPECT_EQ(body["signatarios"][2]["idTipoAcao"], 2);
    const json process = control("/processes")["processes"][0];
    EXPECT_EQ(process["documents"][1]["pdf"]["sha256"], crypto::sha256_hex(pdf));
    EXPECT_EQ(process["documents"][1]["pdf"]["deliveries"], 1);
    EXPECT_EQ(process["looks"], 2);
    EXPECT_NE(process["end_seen_ms"], nullptr);
    EXPECT_NE(process["delivered_ms"], nullptr);
    const json score = referee();
    EXPECT_EQ(score["violations"], 0) << score;
    EXPECT_EQ(score["calls"], 3);
    EXPECT_EQ(score["processes_delivered"], 1);
    EXPECT_EQ(look(id).status, 200);
    EXPECT_EQ(referee()["looks_after_end"], 1);
}

TEST_F(ArqSignSimulatorTest, electronic_documents_carry_no_signature) {
    start();
    const std::string id = create({{"electronic", true}});
    const std::string pdf = *crypto::from_base64(whole(id)["documentos"][0]["base64Documento"].get<std::string>());
    EXPECT_THAT(pdf, StartsWith("%PDF-"));
    EXPECT_THAT(pdf, ::testing::Not(HasSubstr("/ByteRange")));
}

TEST_F(ArqSignSimulatorTest, links_lead_to_another_host_that_wants_no_keys) {
    start();
    const std::string id = create();
    const json document = whole(id, "?arquivoTipo=2")["documentos"][0];
    EXPECT_EQ(document["base64Documento"], nullptr);
    const std::string link = document["linkParaBaixarDocumento"];
    EXPECT_THAT(link, StartsWith("https://" + (*simulator_)->files() + "/files/"));
    const CurlAnswer file = curl(link);
    EXPECT_EQ(file.status, 200);
    EXPECT_EQ(crypto::sha256_hex(file.body), control("/processes")["processes"][0]["documents"][0]["pdf"]["sha256"]);
    EXPECT_EQ(referee()["processes_delivered"], 1);
    EXPECT_EQ(referee()["violations"], 0);
    curl(link, {"-H", "AppKey: x"});
    EXPECT_EQ(referee()["keys_to_stranger"], 1);
    EXPECT_EQ(whole(id, "?arquivoTipo=2&retornarRegistroAssinatura=false")["documentos"][0]["registroAssinaturas"],
              nullptr);
}

TEST_F(ArqSignSimulatorTest, either_subscription_key_will_do_and_no_other) {
    start();
    const std::string path = "/api/v1/processo/" + create() + "/status-do-processo";
    EXPECT_EQ(call(path).status, 200);
    EXPECT_EQ(call(path, (*simulator_)->credentials().other_subscription_key).status, 200);
    const CurlAnswer refused = call(path, "wrong");
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(refused.body, "\"Acesso não autorizado.\"");
    EXPECT_EQ(referee()["wrong_credentials"], 1);
}

TEST_F(ArqSignSimulatorTest, refusals_say_what_the_manual_says) {
    start();
    EXPECT_THAT(look("7b1d8f0e-6f0a-4a57-9f0e-2c5b7a1f3d10").body, HasSubstr("não existe(m)"));
    EXPECT_THAT(look("7").body, HasSubstr("formato incorreto"));
    const CurlAnswer deleted = look(create({{"end", "deleted"}}));
    EXPECT_EQ(deleted.status, 400);
    EXPECT_EQ(deleted.body, "\"Documento excluído.\"");
    EXPECT_EQ(call("/api/v1/processo").status, 404);
    const json score = referee();
    EXPECT_EQ(score["unknown_process"], 1);
    EXPECT_EQ(score["malformed_ids"], 1);
    EXPECT_EQ(score["unknown_urls"], 1);
}

TEST_F(ArqSignSimulatorTest, calls_over_a_limit_are_refused_and_noted) {
    start([](ArqSignOptions& options) { options.limits = {0, 2, 3, 4}; });
    const std::string id = create();
    EXPECT_EQ(look(id).status, 200);
    EXPECT_EQ(look(id).status, 200);
    const CurlAnswer minute = look(id);
    EXPECT_EQ(minute.status, 429);
    EXPECT_THAT(minute.headers, HasSubstr("Retry-After: "));
    EXPECT_THAT(minute.body, HasSubstr("Rate limit is exceeded. Try again in "));
    control("/clock/advance", {{"ms", 61'000}});
    EXPECT_EQ(look(id).status, 200);
    EXPECT_EQ(look(id).status, 429);
    const json score = referee();
    EXPECT_EQ(score["over_minute"], 1);
    EXPECT_EQ(score["over_hour"], 1);
    EXPECT_EQ(score["throttled"], 2);
    EXPECT_EQ(score["max_calls_in_one_minute"], 2);
}

TEST_F(ArqSignSimulatorTest, a_quota_may_be_refused_with_403_and_without_a_header) {
    start([](ArqSignOptions& options) {
        options.limits = {0, 0, 0, 1};
        options.quota_as_403 = true;
        options.name_wait = false;
        options.clock_rate = 1000;
    });
    const std::string id = create();
    look(id);
    const CurlAnswer refused = look(id);
    EXPECT_EQ(refused.status, 403);
    EXPECT_THAT(refused.headers, ::testing::Not(HasSubstr("Retry-After")));
    EXPECT_THAT(refused.body, HasSubstr("replenished in 00:4"));
}

TEST_F(ArqSignSimulatorTest, looks_closer_than_agreed_are_noted) {
    start([](ArqSignOptions& options) { options.agreed_interval = std::chrono::hours{24}; });
    const std::string id = create({{"end", "never"}});
    look(id);
    control("/clock/advance", {{"ms", 86'400'000}});
    look(id);
    EXPECT_EQ(referee()["looks_too_soon"], 0);
    look(id);
    EXPECT_EQ(referee()["looks_too_soon"], 1);
}

TEST_F(ArqSignSimulatorTest, an_expired_process_can_be_sent_again) {
    start();
    const std::string id = create({{"end", "expired"}});
    const json expired = json::parse(look(id).body);
    EXPECT_EQ(expired["expirado"], true);
    EXPECT_EQ(expired["idStatus"], 2);
    EXPECT_NE(expired["dataExpiracao"], nullptr);
    control("/processes/change", {{"process", id}, {"end", "refused"}});
    EXPECT_EQ(json::parse(look(id).body)["idStatus"], 5);
    EXPECT_EQ(whole(id)["signatarios"][0]["assinaturaRecusada"], "true");
    EXPECT_THROW(control("/processes/change", {{"process", id}, {"end", "never"}}), std::runtime_error);
}

TEST_F(ArqSignSimulatorTest, faults_change_what_is_answered) {
    start();
    const std::string id = create();
    const auto with = [&](const char* fault) {
        control("/faults", {{"clear", true}, {"set", {fault}}});
        return look(id);
    };
    EXPECT_EQ(with("status-201").status, 201);
    EXPECT_THAT(with("pascal-case").body, HasSubstr("\"IdStatus\":4"));
    EXPECT_EQ(with("old-form").body.find("idStatus"), std::string::npos);
    EXPECT_THAT(with("mojibake-mac").body, HasSubstr("Conclu√≠do"));
    EXPECT_THAT(with("spanish").body, HasSubstr("Concluido"));
    EXPECT_THAT(with("not-json").body, StartsWith("<html>"));
    EXPECT_EQ(with("error-500").status, 500);
    EXPECT_EQ(with("html-503").status, 503);
    EXPECT_EQ(with("quota-429").status, 429);
    EXPECT_EQ(with("quota-403").status, 403);
    EXPECT_EQ(with("unauthorized").status, 401);
    EXPECT_NE(with("cut-body").exit_code, 0);
    control("/faults", {{"clear", true}, {"set", {"base64-lines", "record-missing"}}});
    const json document = whole(id)["documentos"][0];
    EXPECT_THAT(document["base64Documento"].get<std::string>(), HasSubstr("\r\n"));
    EXPECT_EQ(document["registroAssinaturas"], nullptr);
    control("/faults", {{"clear", true}, {"set", {"status-disagrees"}}});
    EXPECT_EQ(whole(id)["idStatus"], 3);
    control("/faults", {{"clear", true}, {"set", {"document-missing"}}});
    EXPECT_EQ(whole(id)["documentos"][0]["base64Documento"], nullptr);
}

TEST_F(ArqSignSimulatorTest, many_processes_are_made_in_one_call) {
    start();
    const json made = control("/processes", {{"count", 10}, {"end_ms", 1000}, {"spread_ms", 10'000}});
    EXPECT_EQ(made["processes"].size(), 10U);
    const json processes = control("/processes")["processes"];
    EXPECT_DOUBLE_EQ(processes[9]["ends_ms"].get<double>() - processes[0]["ends_ms"].get<double>(), 9000);
    EXPECT_EQ(control("/canaries").size(), 50U);
    EXPECT_THROW(control("/processes", {{"end", "sideways"}}), std::runtime_error);
}

TEST_F(ArqSignSimulatorTest, signed_notifications_arrive_until_they_are_answered_with_200) {
    start([](ArqSignOptions& options) { options.clock_rate = 10'000; });
    const json hook = control("/webhooks", {{"url", listener().url()}, {"triggers", {8}}, {"documents", true}});
    int calls = 0;
    listener().answer_with([&calls](const HeardCall&) { return Reply{.status = ++calls == 1 ? 202U : 200U}; });
    const std::string id = create();
    wait_for("hooks_acknowledged", 1);
    const auto heard = listener().heard();
    ASSERT_EQ(heard.size(), 2U);
    EXPECT_EQ(heard[1].hmac, arqsign_hmac(hook["hmac_key"], heard[1].body));
    const json body = json::parse(heard[1].body);
    EXPECT_EQ(body["Evento"], "ProcessoConcluido");
    EXPECT_EQ(body["IdProcesso"], id);
    EXPECT_EQ(body["IdConta"], hook["account"]);
    const CurlAnswer file = curl(body["Documentos"][0]["LinkParaBaixarDocumento"]);
    EXPECT_THAT(file.body, StartsWith("%PDF-"));
    EXPECT_EQ(referee()["hook_answers"]["count"], 2);
    EXPECT_EQ(control("/notifications")["notifications"][0]["attempts"], 2);
}

TEST_F(ArqSignSimulatorTest, a_403_ends_a_webhook_until_it_is_made_active_again) {
    start({"hook-bad-hmac:1"});
    const json hook = control("/webhooks", {{"url", listener().url()}, {"triggers", {1}}});
    listener().answer_with([](const HeardCall&) { return Reply{.status = 403}; });
    create({{"end", "never"}});
    wait_for("hooks_disabled", 1);
    EXPECT_EQ(referee()["hook_fatal_answers"], 2) << "the forged one as well";
    EXPECT_EQ(control("/webhooks")["webhooks"][0]["status"], 3);
    listener().answer_with(HookListener::echo);
    control("/webhooks/state", {{"webhook", hook["webhook"]}, {"active", true}});
    wait_for("hooks_acknowledged", 1);
    EXPECT_EQ(referee()["hook_strangers_accepted"], 0);
}

}  // namespace
}  // namespace signwatch::simulator
