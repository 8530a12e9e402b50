#include "providers/posten/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/config/table_section.hpp"
#include "providers/posten/factory.hpp"

namespace signwatch::posten {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr const char* files = R"(
ca_file = "ca.pem"
client_certificate_file = "client.pem"
client_key_file = "client.key"
)";

struct Reading {
    Settings settings;
    std::vector<std::string> mistakes;
};

Reading read(const std::string& text) {
    config::Diagnostics diagnostics;
    const config::Table table = config::parse_toml(text, "signwatch.toml", diagnostics);
    config::TableSection section("[[account]]", table, config::FileChecks::none, diagnostics);
    Reading reading;
    reading.settings = read_settings(section);
    section.finish();
    for (const auto& diagnostic : diagnostics.list())
        reading.mistakes.push_back(diagnostic.text());
    return reading;
}

std::string account(const std::string& lines) {
    return "name = \"acme\"\nprovider = \"posten\"\n" + lines;
}

std::string production(const std::string& lines = "") {
    return account("environment = \"production\"\norganisation = \"123456789\"\n") + files + lines;
}

std::string custom(const std::string& lines = "", const std::string& root = "https://Localhost:8443/api/") {
    return account("environment = \"custom\"\nroot_url = \"" + root + "\"\norganisation = \"123456789\"\n") + files +
           lines;
}

TEST(PostenConfig, the_shortest_production_account) {
    const Reading reading = read(production());
    ASSERT_THAT(reading.mistakes, ::testing::IsEmpty());
    const Settings& settings = reading.settings;
    EXPECT_EQ(settings.root_url, "https://api.signering.posten.no/api");
    EXPECT_EQ(settings.pacing.empty, 10min);
    EXPECT_EQ(settings.pacing.floor, 1s);
    EXPECT_EQ(settings.pacing.throttle, 30s);
    EXPECT_EQ(settings.documents.pades, PadesPolicy::completed);
    EXPECT_EQ(settings.documents.xades, XadesPolicy::signers);
    EXPECT_FALSE(settings.hold_unknown_jobs);
    EXPECT_EQ(settings.max_document_size, 100U << 20);
    ASSERT_EQ(settings.standing_watches().size(), 1U);
    EXPECT_EQ(settings.standing_watches()[0], (WatchKey{"acme", WatchKind::queue, "portal"}));
    const AccountTerms& terms = settings.terms();
    EXPECT_EQ(terms.account, "acme");
    EXPECT_EQ(terms.provider, ProviderKind::posten);
    EXPECT_EQ(terms.budget_key, "posten/production/123456789");
    EXPECT_EQ(terms.calls_per_second, 8);
    EXPECT_EQ(terms.max_in_flight, 16);
    EXPECT_EQ(terms.unanswered_wait, 10min + 1s);
    EXPECT_EQ(terms.acknowledge_window, 8min);
    EXPECT_EQ(terms.max_attempts, 8);
    const HttpIdentity identity = settings.identity();
    EXPECT_EQ(identity.origin, "https://api.signering.posten.no");
    EXPECT_EQ(identity.server_organisation, "984661185");
    EXPECT_THAT(identity.ca_file, ::testing::EndsWith("ca.pem"));
    EXPECT_THAT(identity.certificate_file, ::testing::EndsWith("client.pem"));
    EXPECT_THAT(identity.key_file, ::testing::EndsWith("client.key"));
    EXPECT_THAT(identity.user_agent, ::testing::MatchesRegex("signwatch/[0-9.]+ \\(linux\\)"));
}

TEST(PostenConfig, the_test_environment) {
    const Reading reading = read(account("environment = \"difitest\"\norganisation = \"123456789\"\n") + files);
    ASSERT_THAT(reading.mistakes, ::testing::IsEmpty());
    EXPECT_EQ(reading.settings.identity().origin, "https://api.difitest.signering.posten.no");
    EXPECT_EQ(reading.settings.terms().budget_key, "posten/difitest/123456789");
    EXPECT_EQ(reading.settings.terms().unanswered_wait, 31s);
}

TEST(PostenConfig, a_custom_account_with_everything) {
    const Reading reading = read(custom(R"(
server_organisation = "111222333"
flows = ["portal", "direct"]
queues = ["", "lån/æ"]
max_in_flight = 32
calls_per_second = 0
pades = "final"
xades = "completed"
unknown_jobs = "hold"
empty_interval = "200ms"
floor_interval = "10ms"
throttle_interval = "300ms"
acknowledge_window = "2s"
max_document_size = "5MiB"
max_attempts = 3
client_key_password_file = "password"
)"));
    ASSERT_THAT(reading.mistakes, ::testing::IsEmpty());
    const Settings& settings = reading.settings;
    EXPECT_EQ(settings.root_url, "https://Localhost:8443/api");
    EXPECT_EQ(settings.identity().origin, "https://localhost:8443");
    EXPECT_EQ(settings.identity().server_organisation, "111222333");
    std::vector<std::string> targets;
    for (const WatchKey& watch : settings.standing_watches())
        targets.push_back(watch.target);
    EXPECT_THAT(targets, ::testing::UnorderedElementsAre("portal", "direct", "portal/lån/æ", "direct/lån/æ"));
    EXPECT_EQ(settings.terms().budget_key, "posten/https://localhost:8443/123456789");
    EXPECT_EQ(settings.terms().calls_per_second, 0);
    EXPECT_EQ(settings.terms().unanswered_wait, 210ms);
    EXPECT_EQ(settings.terms().acknowledge_window, 2s);
    EXPECT_EQ(settings.documents.pades, PadesPolicy::at_end);
    EXPECT_EQ(settings.documents.xades, XadesPolicy::completed);
    EXPECT_TRUE(settings.hold_unknown_jobs);
    EXPECT_EQ(settings.max_document_size, 5U << 20);
}

TEST(PostenConfig, a_pkcs12_instead_of_certificate_and_key) {
    const Reading reading =
        read(account("environment = \"production\"\norganisation = \"123456789\"\nca_file = \"ca.pem\"\n"
                     "client_pkcs12_file = \"client.p12\"\nclient_key_password_file = \"password\"\n"));
    ASSERT_THAT(reading.mistakes, ::testing::IsEmpty());
    EXPECT_THAT(reading.settings.identity().pkcs12_file, ::testing::EndsWith("client.p12"));
    EXPECT_THAT(reading.settings.identity().key_password_file, ::testing::EndsWith("password"));
}

TEST(PostenConfig, each_mistake_is_reported_once_and_by_name) {
    struct Row {
        std::string text;
        const char* message;
    };
    const std::string no_files = account("environment = \"production\"\norganisation = \"123456789\"\n");
    const Row rows[] = {
        {account("organisation = \"123456789\"\n") + files, "environment is missing"},
        {account("environment = \"prod\"\norganisation = \"123456789\"\n") + files, "environment"},
        {account("environment = \"production\"\n") + files, "organisation"},
        {account("environment = \"production\"\norganisation = \"12345678\"\n") + files, "organisation number"},
        {account("environment = \"production\"\norganisation = \"12345678x\"\n") + files, "organisation number"},
        {account("environment = \"production\"\norganisation = 123456789\n") + files, "organisation"},
        {"provider = \"posten\"\nenvironment = \"production\"\norganisation = \"123456789\"\n" + std::string{files},
         "name"},
        {account("environment = \"custom\"\norganisation = \"123456789\"\n") + files, "needs root_url"},
        {custom("", "http://localhost:8443/api"), "https"},
        {custom("", "https://user@localhost/api"), "https"},
        {custom("", "https://localhost/api?x=1"), "https"},
        {custom("", "https://localhost:0/api"), "https"},
        {custom("", "https:///api"), "https"},
        {production("root_url = \"https://localhost/api\"\n"), "root_url"},
        {production("server_organisation = \"111222333\"\n"), "984661185"},
        {custom("server_organisation = \"\"\n"), "server_organisation"},
        {no_files + "client_certificate_file = \"c\"\nclient_key_file = \"k\"\n", "ca_file"},
        {no_files + "ca_file = \"ca\"\n", "client certificate is missing"},
        {no_files + "ca_file = \"ca\"\nclient_certificate_file = \"c\"\n", "client key is missing"},
        {production("client_pkcs12_file = \"p\"\n"), "two client identities"},
        {production("flows = []\n"), "no flow"},
        {production("flows = [\"portal\", \"both\"]\n"), "flow"},
        {production("queues = []\n"), "no queue"},
        {production("queues = [\"a\", \"a\"]\n"), "twice"},
        {production("queues = [\"a\\u0007\"]\n"), "control character"},
        {production("queues = [\"" + std::string(256, 'q') + "\"]\n"), "255"},
        {production("max_in_flight = 0\n"), "max_in_flight"},
        {production("max_in_flight = 257\n"), "max_in_flight"},
        {production("calls_per_second = 0\n"), "calls_per_second"},
        {production("calls_per_second = 9\n"), "calls_per_second"},
        {production("pades = \"maybe\"\n"), "pades"},
        {production("xades = \"always\"\n"), "xades"},
        {production("unknown_jobs = \"ignore\"\n"), "unknown_jobs"},
        {production("empty_interval = \"1m\"\n"), "empty_interval"},
        {production("floor_interval = \"10ms\"\n"), "floor_interval"},
        {production("throttle_interval = \"1s\"\n"), "throttle_interval"},
        {production("acknowledge_window = \"9m\"\n"), "acknowledge_window"},
        {custom("empty_interval = \"50ms\"\n"), "empty_interval"},
        {production("max_document_size = \"3GiB\"\n"), "max_document_size"},
        {production("max_attempts = 0\n"), "max_attempts"},
        {production("que = [\"a\"]\n"), "que"},
    };
    for (const Row& row : rows) {
        const Reading reading = read(row.text);
        EXPECT_FALSE(reading.mistakes.empty()) << row.message;
        EXPECT_THAT(reading.mistakes, ::testing::Contains(HasSubstr(row.message)));
    }
}

TEST(PostenConfig, one_reading_reports_every_mistake) {
    const Reading reading = read("provider = \"posten\"\nenvironment = \"custom\"\nqueues = []\nmax_attempts = 0\n");
    EXPECT_GE(reading.mistakes.size(), 7U);
}

TEST(PostenConfig, the_origin_of_a_root_url) {
    EXPECT_EQ(origin_of("https://api.example.no/api"), "https://api.example.no");
    EXPECT_EQ(origin_of("https://API.example.no:443"), "https://api.example.no:443");
    EXPECT_EQ(origin_of("https://[::1]:8443/api"), "https://[::1]:8443");
    EXPECT_EQ(origin_of("https://[::1]"), "https://[::1]");
    for (const char* url : {"",
                            "https://",
                            "https://:1/",
                            "http://a/",
                            "https://a:b/",
                            "https://a:65536/",
                            "https://a:/",
                            "https://a@b/",
                            "https://a b/",
                            "https://a\\b/",
                            "https://a#b",
                            "https://a?b",
                            "https://a%41/",
                            "https://[::1",
                            "//a/"}) {
        EXPECT_EQ(origin_of(url), "") << url;
    }
}

}  // namespace
}  // namespace signwatch::posten
