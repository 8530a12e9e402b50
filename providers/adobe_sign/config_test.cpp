#include "providers/adobe_sign/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/config/table_section.hpp"
#include "providers/adobe_sign/hosts.hpp"
#include "providers/adobe_sign/test_support.hpp"

namespace signwatch::adobe_sign {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Reading {
    Settings settings;
    std::vector<std::string> mistakes;
};

const std::string key = "integration_key_file = \"adobe.key\"\n";
const std::string oauth = "client_id = \"CBJ-app.1\"\nclient_secret_file = \"a\"\nrefresh_token_file = \"b\"\n";

Reading read(const std::string& lines) {
    config::Diagnostics diagnostics;
    const std::string text = "name = \"loans\"\nprovider = \"adobe_sign\"\n" + lines;
    const config::Table table = config::parse_toml(text, "signwatch.toml", diagnostics);
    config::TableSection section("[[account]]", table, config::FileChecks::none, diagnostics);
    Reading reading;
    reading.settings = read_settings(section);
    section.finish();
    for (const auto& diagnostic : diagnostics.list())
        reading.mistakes.push_back(diagnostic.text());
    return reading;
}

std::string mistake(const std::string& lines, const std::string& login = key) {
    const Reading reading = read(login + lines);
    return reading.mistakes.empty() ? "" : reading.mistakes.front();
}

TEST(AdobeConfig, the_shortest_account) {
    const Reading reading = read(key);
    ASSERT_THAT(reading.mistakes, IsEmpty());
    const Settings& settings = reading.settings;
    EXPECT_EQ(settings.root_url, "https://api.adobesign.com");
    EXPECT_THAT(settings.login.integration_key_file, EndsWith("adobe.key"));
    EXPECT_TRUE(settings.login.api_user.empty());
    EXPECT_EQ(settings.identity().origin, "https://api.adobesign.com");
    EXPECT_TRUE(settings.identity().system_authorities);
    EXPECT_TRUE(settings.documents.combined);
    EXPECT_TRUE(settings.documents.audit_trail);
    EXPECT_FALSE(settings.documents.form_data);
    EXPECT_EQ(settings.sweep.by, SweepBy::search);
    EXPECT_EQ(settings.sweep.interval, 15min);
    EXPECT_EQ(settings.sweep.overlap, 30min);
    EXPECT_THAT(settings.standing_watches(), ElementsAre(WatchKey{"loans", WatchKind::sweep, "agreements"}));
    const AccountTerms& terms = settings.terms();
    EXPECT_EQ(terms.provider, ProviderKind::adobe_sign);
    EXPECT_EQ(terms.budget_key, "adobe_sign/loans");
    EXPECT_EQ(terms.repeat_gap, 610s) << "nobody has said what was bought";
    EXPECT_EQ(terms.process_interval, 610s);
    EXPECT_EQ(terms.shortest_interval, 610s);
    EXPECT_EQ(terms.unanswered_wait, 610s);
    EXPECT_EQ(terms.first_backoff, 610s);
    EXPECT_EQ(terms.longest_backoff, 610s);
    EXPECT_EQ(terms.max_attempts, 12);
    EXPECT_FALSE(terms.adopts);
    EXPECT_TRUE(terms.accept_unsigned_pdf);
}

TEST(AdobeConfig, the_tier_gives_the_pace) {
    for (const char* tier : {"global", "enterprise"}) {
        const Reading reading = read(key + "tier = \"" + tier + "\"\n");
        ASSERT_THAT(reading.mistakes, IsEmpty());
        const AccountTerms& terms = reading.settings.terms();
        EXPECT_EQ(terms.repeat_gap, 21s) << "never a fourth in a minute";
        EXPECT_EQ(terms.process_interval, 60s);
        EXPECT_EQ(terms.unanswered_wait, 60s);
        EXPECT_EQ(terms.first_backoff, 60s);
        EXPECT_EQ(terms.longest_backoff, 10min);
    }
}

TEST(AdobeConfig, an_account_with_everything) {
    const Reading reading = read(oauth + R"(
root_url = "https://127.0.0.1:8443/"
allowed_hosts = ["127.0.0.1:8443", "127.0.0.1:8444", ".adobesign.com"]
ca_file = "ca.pem"
oauth_refresh_path = "/oauth/refresh"
api_user = "userid:CBJ1"
tier = "enterprise"
repeat_gap = "50ms"
interval = "100ms"
documents = ["form_data"]
supporting_documents = false
accept_unsigned_pdf = false
sweep = "list"
sweep_interval = "20ms"
sweep_overlap = "0ms"
sweep_first = "7d"
sweep_types = ["AGREEMENT", "WIDGET_INSTANCE"]
sweep_page_size = 500
unknown_agreements = "adopt"
webhook_client_ids = ["UB7E5BXCXY", "CBJ-app_1"]
webhook_ids = ["5f0c1d8e-3b1a"]
webhook_check_interval = "1s"
concurrency = 9
calls_per_second = 0
calls_per_minute = 5
calls_per_hour = 6
calls_per_day = 7
calls_per_month = 8
max_in_flight = 3
max_attempts = 4
first_backoff = "50ms"
longest_backoff = "1s"
max_document_size = "1MiB"
)");
    ASSERT_THAT(reading.mistakes, IsEmpty());
    const Settings& settings = reading.settings;
    EXPECT_EQ(settings.root_url, "https://127.0.0.1:8443");
    EXPECT_TRUE(settings.awaits_webhooks());
    EXPECT_FALSE(settings.identity().system_authorities);
    EXPECT_EQ(settings.identity().max_connections, 8);
    EXPECT_EQ(settings.login.integration_key_file, "");
    EXPECT_EQ(settings.login.client_id, "CBJ-app.1");
    EXPECT_EQ(settings.login.refresh_path, "/oauth/refresh");
    EXPECT_EQ(settings.login.api_user.reveal(), "userid:CBJ1");
    EXPECT_FALSE(settings.documents.combined);
    EXPECT_TRUE(settings.documents.form_data);
    EXPECT_EQ(settings.sweep.by, SweepBy::list);
    EXPECT_EQ(settings.sweep.page_size, 500);
    EXPECT_EQ(settings.webhooks.check_interval, 1s);
    EXPECT_THAT(settings.standing_watches(), ElementsAre(settings.sweep_watch(), settings.webhook_watch()));
    EXPECT_EQ(settings.terms().repeat_gap, 50ms);
    EXPECT_EQ(settings.terms().process_interval, 100ms);
    EXPECT_EQ(settings.terms().limits.per_month, 8);
    EXPECT_TRUE(settings.terms().adopts);
    EXPECT_EQ(settings.terms().max_polls, 9);
}

TEST(AdobeConfig, says_who_we_are_in_exactly_one_way) {
    EXPECT_THAT(mistake("", ""), HasSubstr("nothing says who we are to Adobe"));
    EXPECT_THAT(mistake("", key + oauth), HasSubstr("both an integration key and OAuth"));
    EXPECT_THAT(mistake("", "client_id = \"x\"\nclient_secret_file = \"a\"\n"),
                HasSubstr("refresh_token_file is missing"));
    EXPECT_THAT(mistake("", "client_id = \"x\"\nrefresh_token_file = \"a\"\n"),
                HasSubstr("client_secret_file is missing"));
    EXPECT_THAT(mistake("", "client_secret_file = \"x\"\nrefresh_token_file = \"a\"\n"),
                HasSubstr("client_id is missing"));
    EXPECT_THAT(mistake("oauth_refresh_path = \"https://x/y\"\n"), HasSubstr("oauth_refresh_path is no path"));
    for (const char* user : {"robot@bank.example", "mail:x", "email:a b", "email:\xC3\xA9@x.example"})
        EXPECT_THAT(mistake("api_user = \"" + std::string(user) + "\"\n"), HasSubstr("api_user names no user")) << user;
}

TEST(AdobeConfig, adobes_hosts_are_not_asked_more_often_than_the_tier_allows) {
    EXPECT_THAT(mistake("repeat_gap = \"10m\"\n"), HasSubstr("repeat_gap"));
    EXPECT_THAT(mistake("tier = \"enterprise\"\nrepeat_gap = \"20s\"\n"), HasSubstr("repeat_gap"));
    EXPECT_THAT(mistake("tier = \"enterprise\"\ninterval = \"20s\"\n"), HasSubstr("interval"));
    EXPECT_THAT(mistake("tier = \"enterprise\"\nfirst_backoff = \"20s\"\n"), HasSubstr("first_backoff"));
    EXPECT_THAT(mistake("sweep_interval = \"5m\"\n"), HasSubstr("sweep_interval"));
    EXPECT_THAT(mistake("webhook_check_interval = \"5m\"\n"), HasSubstr("webhook_check_interval"));
    EXPECT_THAT(mistake("root_url = \"https://api.EU1.adobesign.com:443\"\nrepeat_gap = \"1s\"\n"),
                HasSubstr("repeat_gap"));
    EXPECT_EQ(mistake("tier = \"enterprise\"\nrepeat_gap = \"30s\"\ninterval = \"30s\"\n"), "");
}

TEST(AdobeConfig, mistakes_say_what_and_what_to_do) {
    const std::pair<const char*, const char*> cases[] = {
        {"root_url = \"http://api.adobesign.com\"", "not a plain https URL"},
        {"root_url = \"https://adobe.example\"", "not in allowed_hosts"},
        {"allowed_hosts = [\"https://x\"]", "is not a host"},
        {"allowed_hosts = [\".com\"]", "is not a host"},
        {"tier = \"gold\"", "tier"},
        {"documents = [\"all\"]", "\"all\" is no document"},
        {"sweep = \"on\"", "sweep"},
        {"sweep_types = [\"A\\\"B\"]", "is no type"},
        {"sweep_types = []", "sweep_types is empty"},
        {"sweep_page_size = 501", "sweep_page_size"},
        {"unknown_agreements = \"hold\"", "unknown_agreements"},
        {"webhook_client_ids = [\"a\\\"b\"]", "is no id"},
        {"webhook_client_ids = [\"a\", \"a\"]", "twice"},
        {"webhook_ids = [\"a\"]", "no application whose notifications are taken"},
        {"webhook_idz = [\"a\"]", "webhook_ids"},
        {"access_token = \"x\"", "access_token"}};
    for (const auto& [line, text] : cases)
        EXPECT_THAT(mistake(std::string(line) + "\n"), HasSubstr(text)) << line;
}

TEST(AdobeConfig, ids_of_agreements) {
    const Settings settings = testing::settings();
    for (const char* id : {testing::agreement_id, "CBJCHBCAABAAsim0001agreementKREDI2026000417aa", "3AAABLblqZhA*"})
        EXPECT_EQ(settings.mistake_in(id), "") << id;
    for (const std::string& id : {std::string(),
                                  std::string(201, 'x'),
                                  std::string("a/b"),
                                  std::string(".."),
                                  std::string("."),
                                  std::string("a b"),
                                  std::string("a?b"),
                                  std::string("a%2Fb"),
                                  std::string("ş"),
                                  std::string("a\n")})
        EXPECT_THAT(settings.mistake_in(id), HasSubstr("CBJCHBCAABAA")) << id;
}

TEST(AdobeHosts, only_what_is_listed_matches) {
    const std::vector<std::string> hosts{".adobesign.com", "localhost:8443", "plain.example"};
    for (const char* origin : {"https://api.adobesign.com",
                               "https://api.eu1.adobesign.com",
                               "https://api.adobesign.com:443",
                               "https://localhost:8443",
                               "https://plain.example",
                               "https://plain.example:443"})
        EXPECT_TRUE(is_allowed(hosts, origin)) << origin;
    for (const char* origin : {"https://adobesign.com",
                               "https://.adobesign.com",
                               "https://evil-adobesign.com",
                               "https://api.adobesign.com.evil.example",
                               "https://api.adobesign.com:8443",
                               "https://localhost",
                               "https://a.plain.example",
                               "http://api.adobesign.com",
                               ""})
        EXPECT_FALSE(is_allowed(hosts, origin)) << origin;
}

}  // namespace
}  // namespace signwatch::adobe_sign
