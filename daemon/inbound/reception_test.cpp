// Who is who: addresses behind proxies, paths, floods.
#include "daemon/inbound/reception.hpp"

#include <gtest/gtest.h>

#include "daemon/inbound/client_address.hpp"
#include "daemon/inbound/flood_gate.hpp"
#include "daemon/inbound/inbound_fixture.hpp"

namespace signwatch::inbound {
namespace {

using namespace std::chrono_literals;
using config::parse_address;
using config::parse_network;

const std::vector<config::Network> proxies{*parse_network("10.0.0.0/8"), *parse_network("fd00::/8")};

std::optional<config::Address> client(const std::vector<std::string>& forwarded, const char* peer = "10.0.0.1") {
    std::vector<HttpHeader> headers{{"Host", "x"}};
    for (const std::string& value : forwarded)
        headers.push_back({"x-forwarded-FOR", value});
    return client_behind(parse_address(peer), headers, proxies);
}

TEST(ClientAddress, is_the_last_hop_that_no_proxy_of_ours_vouches_for) {
    EXPECT_EQ(client({"192.0.2.7"}), parse_address("192.0.2.7"));
    EXPECT_EQ(client({"203.0.113.9, 192.0.2.7, 10.1.2.3"}), parse_address("192.0.2.7")) << "the first is invented";
    EXPECT_EQ(client({"203.0.113.9", "192.0.2.7,10.1.2.3"}), parse_address("192.0.2.7"));
    EXPECT_EQ(client({"203.0.113.9", "10.1.2.3"}), parse_address("203.0.113.9"));
    EXPECT_EQ(client({"192.0.2.7:4711"}), parse_address("192.0.2.7"));
    EXPECT_EQ(client({"[2001:db8::7]:4711, fd00::1"}), parse_address("2001:db8::7"));
    EXPECT_EQ(client({"2001:db8::7"}), parse_address("2001:db8::7"));
    EXPECT_EQ(client({"10.1.1.1, 10.2.2.2"}), parse_address("10.1.1.1")) << "nobody but proxies";
    EXPECT_EQ(client({}), parse_address("10.0.0.1"));
}

TEST(ClientAddress, is_unknown_when_a_hop_makes_no_sense) {
    for (const char* text : {"", "unknown", "192.0.2.7,", "192.0.2.7, ", "999.1.1.1", "[::1", "192.0.2.7 10.0.0.2"})
        EXPECT_EQ(client({text}), std::nullopt) << text;
    EXPECT_EQ(client({"nonsense, 192.0.2.7"}), parse_address("192.0.2.7")) << "what is invented does not count";
    std::string many = "10.0.0.2";
    for (int i = 0; i < 40; ++i)
        many += ", 10.0.0.2";
    EXPECT_EQ(client({many}), std::nullopt);
}

TEST(ClientAddress, is_counted_by_what_one_client_may_have) {
    EXPECT_NE(counting_key(parse_address("192.0.2.1")), counting_key(parse_address("192.0.2.2")));
    EXPECT_EQ(counting_key(parse_address("2001:db8::1")), counting_key(parse_address("2001:db8::ffff:1")));
    EXPECT_NE(counting_key(parse_address("2001:db8::1")), counting_key(parse_address("2001:db8:0:1::1")));
}

TEST(FloodGate, lets_a_burst_through_and_then_the_rate) {
    FloodGate gate(10, 3);
    const FloodGate::Moment start{};
    for (int i = 0; i < 3; ++i)
        EXPECT_TRUE(gate.pass("a", start));
    EXPECT_FALSE(gate.pass("a", start));
    EXPECT_TRUE(gate.pass("b", start)) << "each its own";
    EXPECT_FALSE(gate.pass("a", start + 99ms));
    EXPECT_TRUE(gate.pass("a", start + 150ms));
    EXPECT_FALSE(gate.pass("a", start + 151ms));
    EXPECT_TRUE(gate.pass("a", start + 1h));
    EXPECT_TRUE(gate.pass("a", start + 1h));
    EXPECT_TRUE(gate.pass("a", start + 1h));
    EXPECT_FALSE(gate.pass("a", start + 1h)) << "no more than a burst is saved up";
}

TEST(FloodGate, goes_into_debt_no_deeper_than_a_burst) {
    FloodGate gate(1, 10);
    const FloodGate::Moment start{};
    gate.charge("a", 1'000, start);
    EXPECT_FALSE(gate.pass("a", start + 10s));
    EXPECT_TRUE(gate.pass("a", start + 12s));
}

TEST(FloodGate, holds_a_bounded_number_of_keys) {
    FloodGate gate(0.001, 1, 100);
    const FloodGate::Moment start{};
    EXPECT_TRUE(gate.pass("first", start));
    for (int i = 0; i < 99; ++i)
        EXPECT_TRUE(gate.pass(std::to_string(i), start));
    EXPECT_FALSE(gate.pass("first", start)) << "which makes it the last to go";
    for (int i = 100; i < 199; ++i)
        EXPECT_TRUE(gate.pass(std::to_string(i), start));
    EXPECT_FALSE(gate.pass("first", start));
    EXPECT_EQ(gate.keys(), 100U);
    FloodGate open(0, 1, 100);
    for (int i = 0; i < 1'000; ++i)
        EXPECT_TRUE(open.pass("a", start));
}

/// Counts how often it is asked.
struct CountingWebhooks final : Webhooks {
    mutable int asked = 0;
    std::string_view refused;

    WebhookAnswer answer(const WebhookRequest& /*request*/) const override {
        ++asked;
        WebhookAnswer answer;
        answer.status = 200;
        answer.refused = refused;
        return answer;
    }
    std::vector<ProcessHint> read(std::string_view /*body*/) const override { return {}; }
    std::size_t max_body() const override { return 100; }
};

class Reception : public ::testing::Test {
protected:
    Routes routes() {
        return Routes({{adobe_door, ProviderKind::adobe_sign, &adobe},
                       {other_door, ProviderKind::adobe_sign, &other},
                       {arqsign_door, ProviderKind::arqsign, &arqsign}});
    }
    listener::Request request(const std::string& target, const std::string& method = "POST") {
        listener::Request request;
        request.method = method;
        request.target = target;
        request.peer = &peer;
        return request;
    }
    std::string refused(const listener::Request& request, const char* from = "192.0.2.7") {
        return std::string(judge(routes(), request, parse_address(from)).refused);
    }

    config::WebhookDoor adobe_door{"adobe", "/s3cret?k=1", "", {}, false, {}};
    config::WebhookDoor other_door{"other", "", "", {}, false, {}};
    config::WebhookDoor arqsign_door{"arqsign", "/s3cret", "", {}, false, {}};
    CountingWebhooks adobe;
    CountingWebhooks other;
    CountingWebhooks arqsign;
    listener::Peer peer;
};

TEST_F(Reception, finds_accounts_by_their_whole_path) {
    const Routes all = routes();
    EXPECT_EQ(all.find("/webhooks/other")->door.account, "other");
    EXPECT_EQ(all.find("/webhooks/other?x=1")->door.account, "other") << "a query that no path names";
    EXPECT_EQ(all.find("/s3cret?k=1")->door.account, "adobe");
    EXPECT_EQ(all.find("/s3cret")->door.account, "arqsign");
    EXPECT_EQ(all.find("/s3cret?k=2")->door.account, "arqsign");
    for (const char* target : {"/", "", "/webhooks/adobe", "/webhooks/arqsign", "/s3cre", "/s3cret/", "/S3CRET", "*"})
        EXPECT_EQ(all.find(target), nullptr) << target;
    EXPECT_EQ(Routes().find("/"), nullptr);
}

TEST_F(Reception, reads_paths_from_files_and_wants_each_once) {
    const signwatch::testing::TempDir folder;
    other_door.path_file = folder.write("path", "/from-a-file\n").string();
    EXPECT_EQ(routes().find("/from-a-file")->door.account, "other");
    EXPECT_EQ(routes().find("/webhooks/other"), nullptr);
    for (const char* text : {"", "from-a-file", "/a b", "/a\n/b"}) {
        folder.write("path", text);
        EXPECT_THROW(routes(), Error) << text;
    }
    folder.write("path", "/s3cret");
    try {
        routes();
        FAIL() << "two accounts have the path";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), "webhook_path");
        EXPECT_EQ(std::string(error.what()).find("s3cret"), std::string::npos) << "it is a secret";
    }
}

TEST_F(Reception, does_every_refusal_the_same_work) {
    arqsign.refused = "bad_hmac";
    adobe.refused = "unknown_client";
    EXPECT_EQ(refused(request("/nowhere")), "unknown_path");
    EXPECT_EQ(adobe.asked, 1);
    EXPECT_EQ(arqsign.asked, 1);
    EXPECT_EQ(refused(request("/s3cret")), "bad_hmac");
    EXPECT_EQ(adobe.asked, 2);
    EXPECT_EQ(arqsign.asked, 2);
    EXPECT_EQ(refused(request("/s3cret?k=1")), "unknown_client");
    EXPECT_EQ(adobe.asked, 3);
    EXPECT_EQ(arqsign.asked, 3);
    EXPECT_EQ(refused(request("/s3cret", "PUT")), "method");
    EXPECT_EQ(adobe.asked, 4);
    EXPECT_EQ(arqsign.asked, 4);
    EXPECT_EQ(refused(request("/webhooks/other")), "");
    EXPECT_EQ(other.asked, 1);
    EXPECT_EQ(adobe.asked, 4) << "what is accepted needs no disguise";
}

TEST_F(Reception, lets_an_account_say_where_its_webhooks_come_from) {
    other_door.allowed = {*parse_network("192.0.2.0/24")};
    EXPECT_EQ(refused(request("/webhooks/other")), "");
    EXPECT_EQ(refused(request("/webhooks/other"), "192.0.3.1"), "address");
    EXPECT_EQ(refused(request("/webhooks/other"), "nonsense"), "address");
    EXPECT_EQ(refused(request("/s3cret"), "192.0.3.1"), "");
}

TEST_F(Reception, lets_an_account_want_a_certificate) {
    other_door.client_certificate = true;
    EXPECT_EQ(refused(request("/webhooks/other")), "client_certificate");
    peer.certified = true;
    peer.key_pin = "sha256//key";
    peer.subject = "CN=webhooks,O=Provider";
    EXPECT_EQ(refused(request("/webhooks/other")), "");
    other_door.client_pins = {"sha256//other"};
    EXPECT_EQ(refused(request("/webhooks/other")), "client_certificate");
    other_door.client_pins.emplace_back("sha256//key");
    EXPECT_EQ(refused(request("/webhooks/other")), "");
    other_door.client_pins = {"subject:CN=webhooks"};
    EXPECT_EQ(refused(request("/webhooks/other")), "client_certificate");
    other_door.client_pins = {"subject:CN=webhooks,O=Provider"};
    EXPECT_EQ(refused(request("/webhooks/other")), "");
    peer.certified = false;
    EXPECT_EQ(refused(request("/webhooks/other")), "client_certificate");
}

TEST_F(Reception, takes_no_more_than_the_account_does) {
    listener::Request large = request("/webhooks/other");
    large.body = std::string(101, 'x');
    EXPECT_EQ(refused(large), "body_too_large");
    large.body.pop_back();
    EXPECT_EQ(refused(large), "");
}

}  // namespace
}  // namespace signwatch::inbound
