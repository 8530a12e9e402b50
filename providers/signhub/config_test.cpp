#include "providers/signhub/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/config/table_section.hpp"
#include "providers/signhub/factory.hpp"
#include "providers/signhub/test_support.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::signhub {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

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

std::string account(const std::string& lines = "") {
    return "name = \"acme\"\nprovider = \"signhub\"\nroot_url = \"https://Sign.example:8443/signhub/\"\n"
           "api_key_file = \"api.key\"\n" +
           lines;
}

TEST(SignhubConfig, the_shortest_account) {
    const Reading reading = read(account());
    ASSERT_THAT(reading.mistakes, ::testing::IsEmpty());
    const Settings& settings = reading.settings;
    EXPECT_EQ(settings.root_url, "https://Sign.example:8443/signhub");
    EXPECT_EQ(settings.language, "en");
    EXPECT_THAT(settings.api_key_file, ::testing::EndsWith("api.key"));
    EXPECT_EQ(settings.reading.account, "acme");
    EXPECT_EQ(settings.reading.time_offset, "+03:00");
    EXPECT_EQ(settings.pace.interval, 5min);
    EXPECT_EQ(settings.pace.slow_after, 6h);
    EXPECT_EQ(settings.pace.slow_interval, 10min);
    EXPECT_EQ(settings.pace.idle_after, 168h);
    EXPECT_EQ(settings.pace.idle_interval, 1h);
    EXPECT_EQ(settings.verify_max_size, 20U << 20);
    EXPECT_THAT(settings.standing_watches(), ::testing::IsEmpty());
    const HttpIdentity identity = settings.identity();
    EXPECT_EQ(identity.origin, "https://sign.example:8443");
    EXPECT_EQ(identity.ca_file, "");
    EXPECT_TRUE(identity.system_authorities);
    EXPECT_EQ(identity.certificate_file + identity.pkcs12_file + identity.server_organisation, "");
    EXPECT_EQ(identity.max_connections, 2);
    EXPECT_THAT(identity.user_agent, ::testing::MatchesRegex("signwatch/[0-9.]+ \\(linux\\)"));
    const AccountTerms& terms = settings.terms();
    EXPECT_EQ(terms.account, "acme");
    EXPECT_EQ(terms.provider, ProviderKind::signhub);
    EXPECT_EQ(terms.budget_key, "signhub/acme");
    EXPECT_EQ(terms.calls_per_second, 2);
    EXPECT_EQ(terms.limits.per_minute + terms.limits.per_hour + terms.limits.per_day + terms.limits.per_month, 0);
    EXPECT_EQ(terms.max_polls, 2);
    EXPECT_EQ(terms.process_interval, 5min);
    EXPECT_EQ(terms.unanswered_wait, 2min);
    EXPECT_EQ(terms.max_attempts, 12);
    EXPECT_EQ(terms.first_backoff, 1min);
    EXPECT_EQ(terms.longest_backoff, 10min);
    EXPECT_EQ(terms.max_document_size, 100U << 20);
    EXPECT_FALSE(terms.accept_unsigned_pdf);
    EXPECT_FALSE(terms.inspects_documents);
}

TEST(SignhubConfig, every_key) {
    const Reading reading = read(account(R"(
ca_file = "ca.pem"
language = "tr"
status_map = ["99=in_progress", "Draft=in_progress"]
time_offset = "Z"
verify_signatures = true
verify_max_size = "1MiB"
accept_unsigned_pdf = true
interval = "30s"
slow_after = "15m"
slow_interval = "2m"
idle_after = "1d"
idle_interval = "10m"
concurrency = 8
calls_per_second = 0
calls_per_minute = 100
calls_per_hour = 2000
calls_per_day = 10000
calls_per_month = 200000
max_in_flight = 4
max_attempts = 3
first_backoff = "1s"
longest_backoff = "1m"
max_document_size = "5MiB"
)"));
    ASSERT_THAT(reading.mistakes, ::testing::IsEmpty());
    const Settings& settings = reading.settings;
    EXPECT_EQ(settings.language, "tr");
    EXPECT_THAT(settings.identity().ca_file, ::testing::EndsWith("ca.pem"));
    EXPECT_FALSE(settings.identity().system_authorities);
    EXPECT_EQ(settings.identity().max_connections, 8);
    Code draft;
    draft.number = 2;
    EXPECT_EQ(settings.reading.states.state_of(draft), ProcessState::in_progress);
    EXPECT_EQ(settings.reading.time_offset, "Z");
    EXPECT_EQ(settings.verify_max_size, 1U << 20);
    EXPECT_EQ(settings.pace.interval, 30s);
    EXPECT_EQ(settings.pace.slow_after, 15min);
    EXPECT_EQ(settings.pace.slow_interval, 2min);
    EXPECT_EQ(settings.pace.idle_after, 24h);
    EXPECT_EQ(settings.pace.idle_interval, 10min);
    const AccountTerms& terms = settings.terms();
    EXPECT_EQ(terms.process_interval, 30s);
    EXPECT_EQ(terms.calls_per_second, 0);
    EXPECT_EQ(terms.limits.per_minute, 100);
    EXPECT_EQ(terms.limits.per_hour, 2'000);
    EXPECT_EQ(terms.limits.per_day, 10'000);
    EXPECT_EQ(terms.limits.per_month, 200'000);
    EXPECT_EQ(terms.max_polls, 8);
    EXPECT_EQ(terms.max_in_flight, 4);
    EXPECT_EQ(terms.max_attempts, 3);
    EXPECT_EQ(terms.first_backoff, 1s);
    EXPECT_EQ(terms.longest_backoff, 1min);
    EXPECT_EQ(terms.max_document_size, 5U << 20);
    EXPECT_TRUE(terms.accept_unsigned_pdf);
    EXPECT_TRUE(terms.inspects_documents);
}

TEST(SignhubConfig, a_long_interval_raises_the_slower_ones) {
    const Reading reading = read(account("interval = \"2h\"\nslow_after = \"20d\"\n"));
    ASSERT_THAT(reading.mistakes, ::testing::IsEmpty());
    EXPECT_EQ(reading.settings.pace.slow_interval, 2h);
    EXPECT_EQ(reading.settings.pace.idle_interval, 2h);
    EXPECT_EQ(reading.settings.pace.idle_after, 480h);
}

TEST(SignhubConfig, each_mistake_is_reported) {
    const std::string nameless = "provider = \"signhub\"\nroot_url = \"https://a.example\"\napi_key_file = \"k\"\n";
    const std::string rootless = "name = \"acme\"\nprovider = \"signhub\"\napi_key_file = \"k\"\n";
    const std::string keyless = "name = \"acme\"\nprovider = \"signhub\"\nroot_url = \"https://a.example\"\n";
    const std::pair<std::string, const char*> rows[] = {
        {nameless, "name"},
        {rootless, "root_url"},
        {rootless + "root_url = \"http://a.example\"\n", "https"},
        {rootless + "root_url = \"https://key@a.example\"\n", "https"},
        {rootless + "root_url = \"https://a.example/?key=1\"\n", "https"},
        {keyless, "API key is missing"},
        {keyless + "api_key = \"abc\"\n", "api_key"},
        {account("api_key_credential = \"k\"\n"), "api_key"},
        {account("language = \"de\"\n"), "language"},
        {account("status_map = [\"99\"]\n"), "has no \"=\""},
        {account("status_map = [\"99=done\"]\n"), "our states"},
        {account("status_map = [\"Neu=created\"]\n"), "documented name"},
        {account("time_offset = \"Istanbul\"\n"), "time_offset"},
        {account("interval = \"10ms\"\n"), "interval"},
        {account("interval = \"2d\"\n"), "interval"},
        {account("interval = \"10m\"\nslow_interval = \"5m\"\n"), "slow_interval"},
        {account("idle_interval = \"5m\"\n"), "idle_interval"},
        {account("idle_after = \"1h\"\n"), "idle_after"},
        {account("concurrency = 0\n"), "concurrency"},
        {account("calls_per_second = -1\n"), "calls_per_second"},
        {account("calls_per_day = -1\n"), "calls_per_day"},
        {account("max_attempts = 0\n"), "max_attempts"},
        {account("first_backoff = \"1h\"\n"), "first_backoff"},
        {account("max_document_size = \"3GiB\"\n"), "max_document_size"},
        {account("verify_max_size = \"1GiB\"\n"), "verify_max_size"},
        {account("verify_signatures = \"yes\"\n"), "verify_signatures"},
        {account("intervall = \"5m\"\n"), "interval"},
    };
    for (const auto& [text, message] : rows)
        EXPECT_THAT(read(text).mistakes, ::testing::Contains(HasSubstr(message))) << text;
}

TEST(SignhubConfig, the_id_of_a_flow) {
    const Settings settings = read(account()).settings;
    for (const char* id : {"1", "7001", "9223372036854775807"})
        EXPECT_EQ(settings.mistake_in(id), "") << id;
    for (const char* id : {"",
                           "0",
                           "007",
                           "-1",
                           "+1",
                           " 1",
                           "1 ",
                           "7001a",
                           "0x1",
                           "1.0",
                           "9223372036854775808",
                           "10000000000000000000",
                           "٧"})
        EXPECT_THAT(settings.mistake_in(id), HasSubstr("7001")) << id;
}

TEST(SignhubConfig, the_key_is_what_the_file_holds_without_blanks) {
    const signwatch::testing::TempDir directory;
    EXPECT_EQ(read_api_key(directory.write("key", " Ab-1_=/+\r\n").string()).reveal(), "Ab-1_=/+");
    for (const char* content : {"", " \n", "two words", "l\xC3\xB6", "a\nb"}) {
        const std::string path = directory.write("key", content).string();
        const auto error = testing::error_of([&] { read_api_key(path); });
        EXPECT_EQ(error.value().code(), "signhub_api_key");
        EXPECT_EQ(error->kind(), ErrorKind::permanent);
        EXPECT_THAT(error->what(), HasSubstr(path));
    }
    EXPECT_EQ(testing::code_of([&] { read_api_key((directory.path() / "none").string()); }), "signhub_api_key");
    EXPECT_EQ(testing::code_of([&] { read_api_key(directory.path().string()); }), "signhub_api_key");
}

TEST(SignhubConfig, the_factory_reads_the_same) {
    const auto factory = make_factory();
    EXPECT_EQ(factory->kind(), ProviderKind::signhub);
    config::Diagnostics diagnostics;
    const config::Table table = config::parse_toml(account(), "signwatch.toml", diagnostics);
    config::TableSection section("[[account]]", table, config::FileChecks::none, diagnostics);
    const auto settings = factory->read(section);
    EXPECT_EQ(settings->terms().account, "acme");
    EXPECT_EQ(settings->mistake_in("7001"), "");
}

}  // namespace
}  // namespace signwatch::signhub
