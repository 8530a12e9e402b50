#include "providers/arqsign/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/config/table_section.hpp"
#include "core/domain/error.hpp"
#include "providers/arqsign/plans.hpp"
#include "providers/arqsign/test_support.hpp"

namespace signwatch::arqsign {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

struct Reading {
    Settings settings;
    std::vector<std::string> mistakes;
};

Reading read(const std::string& lines, bool keys = true) {
    std::string text = "name = \"acme\"\nprovider = \"arqsign\"\n";
    if (keys) text += "app_key_file = \"app.key\"\nsubscription_key_file = \"subscription.key\"\n";
    config::Diagnostics diagnostics;
    const config::Table table = config::parse_toml(text + lines, "signwatch.toml", diagnostics);
    config::TableSection section("[[account]]", table, config::FileChecks::none, diagnostics);
    Reading reading;
    reading.settings = read_settings(section);
    section.finish();
    for (const auto& diagnostic : diagnostics.list())
        reading.mistakes.push_back(diagnostic.text());
    return reading;
}

std::string mistake(const std::string& lines) {
    const Reading reading = read("plan = \"corporativo-anual\"\n" + lines);
    return reading.mistakes.empty() ? "" : reading.mistakes.front();
}

TEST(ArqSignConfig, the_shortest_account) {
    const Reading reading = read("plan = \"corporativo-mensal\"\n");
    ASSERT_THAT(reading.mistakes, ::testing::IsEmpty());
    const Settings& settings = reading.settings;
    EXPECT_EQ(settings.root_url, "https://api-rest.arqsign.com");
    EXPECT_THAT(settings.app_key_file, ::testing::EndsWith("app.key"));
    EXPECT_TRUE(settings.signature_record);
    EXPECT_EQ(settings.max_response, 256U << 20);
    EXPECT_TRUE(settings.standing_watches().empty());
    EXPECT_FALSE(settings.awaits_webhooks());
    const HttpIdentity identity = settings.identity();
    EXPECT_EQ(identity.origin, "https://api-rest.arqsign.com");
    EXPECT_TRUE(identity.system_authorities);
    EXPECT_EQ(identity.server_organisation, "");
    EXPECT_THAT(identity.user_agent, ::testing::MatchesRegex("signwatch/[0-9.]+ \\(linux\\)"));
    const AccountTerms& terms = settings.terms();
    EXPECT_EQ(terms.account, "acme");
    EXPECT_EQ(terms.provider, ProviderKind::arqsign);
    EXPECT_EQ(terms.budget_key, "arqsign/acme");
    EXPECT_EQ(terms.calls_per_second, 3);
    EXPECT_EQ(terms.limits.per_minute, 60);
    EXPECT_EQ(terms.limits.per_hour, 400);
    EXPECT_EQ(terms.limits.per_day, 0);
    EXPECT_EQ(terms.limits.per_month, 400);
    EXPECT_EQ(terms.max_polls, 2);
    EXPECT_EQ(terms.process_interval, 24h);
    EXPECT_EQ(terms.unanswered_wait, 2min);
    EXPECT_EQ(terms.max_document_size, 100U << 20);
    EXPECT_TRUE(terms.accept_unsigned_pdf);
    EXPECT_FALSE(terms.inspects_documents);
}

TEST(ArqSignConfig, an_account_with_a_webhook_key_awaits_webhooks) {
    const Reading reading = read("plan = \"corporativo-mensal\"\nwebhook_hmac_key_file = \"app.key\"\n");
    ASSERT_THAT(reading.mistakes, ::testing::IsEmpty());
    EXPECT_TRUE(reading.settings.awaits_webhooks());
}

TEST(ArqSignConfig, an_account_with_everything) {
    const Reading reading = read(R"(
root_url = "https://Localhost:8443/"
ca_file = "ca.pem"
plan = "profissional-anual"
calls_per_second = 0
calls_per_minute = 0
calls_per_hour = 7
calls_per_day = 8
calls_per_month = 9
interval = "20ms"
signature_record = false
accept_unsigned_pdf = false
document_hosts = ["files.example.test", ".blob.core.windows.net", "127.0.0.1:8444"]
document_ca_file = "documents.pem"
max_document_size = "1MiB"
max_response = "2MiB"
max_in_flight = 5
max_attempts = 3
first_backoff = "10ms"
longest_backoff = "1s"
)");
    ASSERT_THAT(reading.mistakes, ::testing::IsEmpty());
    const Settings& settings = reading.settings;
    EXPECT_EQ(settings.identity().origin, "https://localhost:8443");
    EXPECT_FALSE(settings.identity().system_authorities);
    EXPECT_EQ(settings.terms().limits.per_minute, 0);
    EXPECT_EQ(settings.terms().limits.per_hour, 7);
    EXPECT_EQ(settings.terms().limits.per_day, 8);
    EXPECT_EQ(settings.terms().limits.per_month, 9);
    EXPECT_EQ(settings.terms().process_interval, 20ms);
    EXPECT_FALSE(settings.terms().accept_unsigned_pdf);
    EXPECT_EQ(settings.terms().max_in_flight, 5);
    EXPECT_EQ(settings.terms().max_attempts, 3);
    EXPECT_EQ(settings.terms().longest_backoff, 1s);
    EXPECT_EQ(settings.max_response, 2U << 20);
}

TEST(ArqSignConfig, the_plans_allow_what_was_sold) {
    EXPECT_EQ(plan_names().size(), 25U);
    EXPECT_EQ(limits_of_plan("profissional-mensal").per_month, 80);
    EXPECT_EQ(limits_of_plan("empresarial-anual").per_hour, 200);
    EXPECT_EQ(limits_of_plan("custom-1").per_hour, 600);
    EXPECT_EQ(limits_of_plan("custom-3").per_month, 1'800);
    EXPECT_EQ(limits_of_plan("custom-19").per_hour, 2'400);
    EXPECT_EQ(limits_of_plan("custom-19").per_month, 900'000);
    EXPECT_EQ(limits_of_plan("").per_month, 0);
}

TEST(ArqSignConfig, the_month_must_be_known) {
    EXPECT_THAT(read("").mistakes, ::testing::ElementsAre(HasSubstr("in a month are not known")));
    EXPECT_THAT(read("calls_per_month = 0\n").mistakes, ::testing::IsEmpty());
}

TEST(ArqSignConfig, both_keys_must_be_named) {
    const Reading reading = read("calls_per_month = 0\n", false);
    EXPECT_THAT(
        reading.mistakes,
        ::testing::ElementsAre(HasSubstr("app_key_file is missing"), HasSubstr("subscription_key_file is missing")));
}

TEST(ArqSignConfig, mistakes_are_reported) {
    EXPECT_THAT(mistake("root_url = \"http://a.b\""), HasSubstr("not a plain https URL"));
    EXPECT_THAT(mistake("root_url = \"https://u@a.b\""), HasSubstr("not a plain https URL"));
    EXPECT_THAT(mistake("interval = \"59m\""), HasSubstr("interval"));
    EXPECT_THAT(mistake("calls_per_second = 5.0"), HasSubstr("calls_per_second"));
    EXPECT_THAT(mistake("calls_per_second = 0.0"), HasSubstr("calls_per_second"));
    EXPECT_THAT(mistake("queues = [\"\"]"), HasSubstr("queues"));
    EXPECT_THAT(mistake("root_url = \"https://API-REST.arqsign.com:443/x\"\ninterval = \"1m\""), HasSubstr("interval"));
    for (const char* host : {"", ".", ".com", "A.b", "https://a.b", "a.b/c", "*.a.b", "a b", "u@a.b", ".a.b:1", "a:0"})
        EXPECT_THAT(mistake("document_hosts = [\"" + std::string(host) + "\"]"), HasSubstr("is not a host")) << host;
}

TEST(ArqSignConfig, ids_of_processes) {
    const Settings settings = testing::settings();
    EXPECT_EQ(settings.mistake_in(testing::process_id), "");
    for (const char* id : {"",
                           "7",
                           "7B1D8F0E-6F0A-4A57-9F0E-2C5B7A1F3D10",
                           "7b1d8f0e6f0a4a579f0e2c5b7a1f3d10",
                           "7b1d8f0e-6f0a-4a57-9f0e-2c5b7a1f3d1g",
                           "{7b1d8f0e-6f0a-4a57-9f0e-2c5b7a1f3d1}",
                           "7b1d8f0e-6f0a-4a57-9f0e-2c5b7a1f3d1/"})
        EXPECT_THAT(settings.mistake_in(id), HasSubstr("GUID")) << id;
}

TEST(ArqSignConfig, the_whole_process_is_asked_for_as_configured) {
    Settings settings = testing::settings();
    EXPECT_EQ(settings.status_url("x"), "https://localhost:8443/api/v1/processo/x/status-do-processo");
    EXPECT_EQ(settings.process_url("x", true),
              "https://localhost:8443/api/v2/processo/x?arquivoTipo=1&retornarRegistroAssinatura=true");
    EXPECT_EQ(settings.process_url("x", false),
              "https://localhost:8443/api/v2/processo/x?arquivoTipo=2&retornarRegistroAssinatura=false");
    settings.document_hosts = {"a.b"};
    settings.signature_record = false;
    EXPECT_THAT(settings.process_url("x", true), HasSubstr("?arquivoTipo=2&retornarRegistroAssinatura=false"));
}

TEST(ArqSignConfig, links_lead_to_listed_hosts_alone) {
    Settings settings = testing::settings();
    settings.document_hosts = {"files.example.test", ".blob.example.net", "127.0.0.1:8444"};
    const auto origin = [&](const std::string& url) { return settings.identity_for(Sensitive(url)).origin; };
    EXPECT_EQ(origin("https://files.example.test/a?b=c%2B"), "https://files.example.test");
    EXPECT_EQ(origin("https://FILES.example.test:443"), "https://files.example.test:443");
    EXPECT_EQ(origin("https://x.y.blob.example.net?sig=1"), "https://x.y.blob.example.net");
    EXPECT_EQ(origin("https://127.0.0.1:8444/a"), "https://127.0.0.1:8444");
    for (const char* url : {"",
                            "http://files.example.test/a",
                            "https://other.test/",
                            "https://files.example.test:8443/",
                            "https://files.example.test.evil.test/",
                            "https://evil.test/?https://files.example.test/",
                            "https://files.example.test@evil.test/",
                            "https://blob.example.net/",
                            "https://evilblob.example.net/",
                            "https://x.blob.example.net:8443/",
                            "https://127.0.0.1/",
                            "https://evil.test\\files.example.test/",
                            "https://x%2eblob.example.net/",
                            "https://",
                            "https://localhost:8443/api"})
        EXPECT_EQ(testing::code_of([&] { origin(url); }), "url_refused") << url;
    EXPECT_TRUE(settings.identity_for(Sensitive("https://files.example.test/a")).system_authorities);
}

}  // namespace
}  // namespace signwatch::arqsign
