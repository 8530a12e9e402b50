#include "core/config/inbound_settings.hpp"

#include <gtest/gtest.h>

#include "core/config/configuration.hpp"
#include "core/config/fake_provider.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::config {
namespace {

using namespace std::chrono_literals;

bool within(const char* network, const char* address) {
    return parse_network(network)->contains(*parse_address(address));
}

TEST(Networks, contain_the_addresses_that_begin_alike) {
    EXPECT_TRUE(within("192.0.2.0/24", "192.0.2.255"));
    EXPECT_FALSE(within("192.0.2.0/24", "192.0.3.0"));
    EXPECT_TRUE(within("192.0.2.128/25", "192.0.2.128"));
    EXPECT_FALSE(within("192.0.2.128/25", "192.0.2.127"));
    EXPECT_TRUE(within("198.51.100.7", "198.51.100.7"));
    EXPECT_FALSE(within("198.51.100.7", "198.51.100.6"));
    EXPECT_TRUE(within("0.0.0.0/0", "255.255.255.255"));
    EXPECT_FALSE(within("0.0.0.0/0", "2001:db8::1"));
    EXPECT_TRUE(within("2001:db8::/32", "2001:db8:ffff::1"));
    EXPECT_FALSE(within("2001:db8::/32", "2001:db9::1"));
    EXPECT_TRUE(within("::/0", "::1"));
    EXPECT_TRUE(within("2001:db8::8/125", "2001:db8::f"));
    EXPECT_FALSE(within("2001:db8::8/125", "2001:db8::10"));
}

TEST(Networks, hold_addresses_of_dual_stack_sockets_for_ipv4) {
    EXPECT_EQ(parse_address("::ffff:192.0.2.1"), parse_address("192.0.2.1"));
    EXPECT_TRUE(within("192.0.2.0/24", "::ffff:192.0.2.9"));
    EXPECT_TRUE(is_ipv4(*parse_address("192.0.2.1")));
    EXPECT_FALSE(is_ipv4(*parse_address("::192.0.2.1")));
}

TEST(Networks, are_refused_when_they_are_something_else) {
    for (const char* text : {"",
                             "/",
                             "/24",
                             "192.0.2.0/",
                             "192.0.2.0/33",
                             "192.0.2.0/-1",
                             "192.0.2.0/24x",
                             "192.0.2.0/2 4",
                             "192.0.2.1/24",
                             "192.0.2/24",
                             "2001:db8::/129",
                             "2001:db8::1/64",
                             "localhost",
                             "fe80::1%eth0",
                             "[::1]"}) {
        EXPECT_FALSE(parse_network(text)) << text;
    }
    EXPECT_FALSE(parse_address(std::string("192.0.2.1\0x", 11)));
}

TEST(Networks, know_what_is_not_routed) {
    for (const char* text : {"127.0.0.1", "10.1.0.0/16", "192.168.0.0/16", "172.31.0.0/16", "::1", "fd00::/8"})
        EXPECT_TRUE(is_private(*parse_network(text))) << text;
    for (const char* text : {"0.0.0.0/0", "10.0.0.0/7", "172.32.0.0/16", "8.8.8.8", "::/0", "2001:db8::/32"})
        EXPECT_FALSE(is_private(*parse_network(text))) << text;
}

TEST(WebhookPaths, are_visible_characters_behind_a_slash) {
    EXPECT_TRUE(is_webhook_path("/webhooks/bank?key=a%20b"));
    for (const std::string& text :
         {std::string(), std::string("webhooks"), std::string("/a b"), std::string("/a#b"), std::string("/\xC3\xA6")})
        EXPECT_FALSE(is_webhook_path(text)) << text;
    EXPECT_FALSE(is_webhook_path("/" + std::string(512, 'a')));
}

class Inbound : public ::testing::Test {
protected:
    Configuration load_text(const std::string& text,
                            const std::string& more = "",
                            FileChecks checks = FileChecks::strict) const {
        directory.write("client.pem", "a certificate");
        directory.write("client.key", "a key");
        const std::string account = "[[account]]\nname = \"bank\"\nprovider = \"posten\"\norganisation = \"1\"\n";
        return load(directory.write("signwatch.toml", text + account + more).string(), {&factory}, checks);
    }

    signwatch::testing::TempDir directory;
    testing::FakeProviderFactory factory;
};

TEST_F(Inbound, is_off_unless_it_is_wanted) {
    EXPECT_TRUE(load_text("").inbound.off);
    EXPECT_TRUE(load_text("[inbound]\nlisten = \"off\"\n").inbound.off);
    const Configuration configuration = load_text("");
    ASSERT_EQ(configuration.doors.size(), 1U);
    EXPECT_EQ(configuration.doors[0].account, "bank");
    EXPECT_FALSE(configuration.doors[0].client_certificate);
}

TEST_F(Inbound, is_missed_where_an_account_awaits_webhooks) {
    const std::string awaits = "has_webhooks = true\n";
    EXPECT_TRUE(doubts_about(load_text("")).empty());
    EXPECT_TRUE(doubts_about(load_text("[inbound]\nlisten = \"127.0.0.1:8080\"\n", awaits)).empty());
    for (const char* text : {"", "[inbound]\nlisten = \"off\"\n"}) {
        const std::vector<std::string> doubts = doubts_about(load_text(text, awaits));
        ASSERT_EQ(doubts.size(), 1U) << text;
        EXPECT_TRUE(doubts[0].starts_with("account \"bank\": its webhooks do not arrive")) << doubts[0];
    }
}

TEST_F(Inbound, takes_clear_text_only_from_close_by) {
    EXPECT_FALSE(load_text("[inbound]\nlisten = \"127.0.0.1:8080\"\n").inbound.behind_proxy());
    EXPECT_TRUE(load_text("[inbound]\nlisten = \"unix:/run/a.sock\"\n").inbound.behind_proxy());
    const auto inbound =
        load_text("[inbound]\nlisten = \"0.0.0.0:8080\"\ntrusted_proxies = [\"10.0.0.0/8\", \"fd00::/8\"]\n").inbound;
    EXPECT_TRUE(inbound.behind_proxy());
    EXPECT_EQ(inbound.trusted_proxies.size(), 2U);
}

TEST_F(Inbound, reads_every_key) {
    const auto path = directory.path() / "everything.toml";
    std::filesystem::copy_file(SIGNWATCH_CONFIG_FIXTURES "/valid/everything.toml", path);
    directory.write("client.pem", "a certificate");
    directory.write("client.key", "a key");
    const Configuration configuration = load(path.string(), {&factory});
    const InboundSettings& inbound = configuration.inbound;
    EXPECT_EQ(inbound.listen.port, 8443);
    EXPECT_FALSE(inbound.client_certificate_required);
    EXPECT_EQ(inbound.allowed.size(), 2U);
    EXPECT_EQ(inbound.header_size, 32U << 10U);
    EXPECT_EQ(inbound.header_timeout, 5s);
    EXPECT_EQ(inbound.request_timeout, 1min);
    EXPECT_EQ(inbound.least_body_rate, 8U << 10U);
    EXPECT_EQ(inbound.idle_timeout, 30s);
    EXPECT_EQ(inbound.queue_timeout, 2s);
    EXPECT_EQ(inbound.connections, 100U);
    EXPECT_EQ(inbound.connections_per_address, 10U);
    EXPECT_EQ(inbound.body_memory, 64U << 20U);
    EXPECT_EQ(inbound.rate_per_address, 10);
    EXPECT_EQ(inbound.burst_per_address, 20);
    EXPECT_EQ(inbound.rate_per_account, 30);
    EXPECT_EQ(inbound.burst_per_account, 40.5);
}

TEST_F(Inbound, reads_what_accounts_say_about_their_doors) {
    const Configuration configuration =
        load_text("",
                  "webhook_path_file = \"client.key\"\nwebhook_allowed_cidrs = [\"198.51.100.7\"]\n"
                  "webhook_client_pins = [\"subject:CN=webhooks,O=Provider\"]\n");
    const WebhookDoor& door = configuration.doors.at(0);
    EXPECT_EQ(door.path_file, (directory.path() / "client.key").string());
    EXPECT_EQ(door.allowed, std::vector{*parse_network("198.51.100.7")});
    EXPECT_EQ(door.client_pins, std::vector<std::string>{"subject:CN=webhooks,O=Provider"});
    EXPECT_TRUE(door.client_certificate) << "a pin means that there must be a certificate";
}

TEST_F(Inbound, looks_into_the_file_of_a_path_where_files_are_checked) {
    const std::string more = "webhook_path_file = \"hook.path\"\n";
    directory.write("hook.path", "no slash\n");
    EXPECT_NO_THROW(load_text("", more)) << "the daemon says so when it begins to listen";
    try {
        load_text("", more, FileChecks::offline);
        ADD_FAILURE() << "was accepted";
    } catch (const ConfigError& error) {
        ASSERT_EQ(error.diagnostics().size(), 1U);
        EXPECT_EQ(error.diagnostics()[0].line, 5U);
        EXPECT_EQ(error.diagnostics()[0].column, 21U);
        EXPECT_NE(error.diagnostics()[0].remedy.find("one path that begins with /"), std::string::npos);
    }
    directory.write("hook.path", "/hooks/secret\n");
    EXPECT_NO_THROW(load_text("", more, FileChecks::offline));
}

}  // namespace
}  // namespace signwatch::config
