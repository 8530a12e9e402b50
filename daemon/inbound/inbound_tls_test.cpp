// The inbound listener over TLS, as providers speak it.
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "daemon/inbound/inbound_fixture.hpp"
#include "daemon/listener/client_fixture.hpp"
#include "tests/fakes/test_pki.hpp"

namespace signwatch::inbound {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using signwatch::testing::KeyPair;
using signwatch::testing::Subject;
using signwatch::testing::TestAuthority;
using testing::arqsign_post;
using testing::client_header;
using testing::notification;
using testing::request;
using testing::RunningInbound;

Subject named(const std::string& name) {
    Subject subject;
    subject.common_name = name;
    subject.ip_addresses = {"127.0.0.1"};
    return subject;
}

class InboundTls : public ::testing::Test {
protected:
    config::InboundSettings settings(bool client_certificates) const {
        const KeyPair pair = servers.issue(named("hooks.example.test"));
        config::InboundSettings settings = testing::plain_settings();
        settings.certificate_file = folder.write("server.pem", pair.certificate_pem).string();
        settings.key_file = folder.write("server.key", pair.key_pem).string();
        if (client_certificates)
            settings.client_ca_file = folder.write("clients.pem", clients.certificate_pem()).string();
        return settings;
    }

    /// The answer to one request by a client with that certificate, or why there was none.
    std::string ask(int port,
                    const std::string& bytes,
                    const KeyPair* pair = nullptr,
                    int least_tls = TLS1_2_VERSION,
                    int most_tls = TLS1_3_VERSION) const {
        asio::io_context loop;
        asio::ssl::context context(asio::ssl::context::tls_client);
        SSL_CTX_set_min_proto_version(context.native_handle(), least_tls);
        SSL_CTX_set_max_proto_version(context.native_handle(), most_tls);
        context.add_certificate_authority(asio::buffer(servers.certificate_pem()));
        context.set_verify_mode(asio::ssl::verify_peer);
        if (pair) {
            context.use_certificate_chain(asio::buffer(pair->certificate_pem));
            context.use_private_key(asio::buffer(pair->key_pem), asio::ssl::context::pem);
        }
        asio::ssl::stream<asio::ip::tcp::socket> stream(loop, context);
        std::string answer;
        try {
            stream.next_layer().connect({asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port)});
            stream.handshake(asio::ssl::stream_base::client);
            asio::write(stream, asio::buffer(bytes));
            boost::system::error_code ended;
            asio::read(stream, asio::dynamic_buffer(answer), ended);
            return ended == asio::error::eof ? answer : "ended: " + ended.message();
        } catch (const boost::system::system_error& error) {
            return "refused: " + error.code().message();
        }
    }
    static bool is_200(const std::string& answer) { return answer.starts_with("HTTP/1.1 200 OK\r\n"); }

    signwatch::testing::TempDir folder;
    TestAuthority servers{"servers"};
    TestAuthority clients{"clients"};
};

TEST_F(InboundTls, answers_clients_that_speak_nothing_but_1_2) {
    RunningInbound inbound(settings(false));
    const int port = inbound.port();
    const std::string post = arqsign_post(notification());
    EXPECT_TRUE(is_200(ask(port, post, nullptr, TLS1_2_VERSION, TLS1_2_VERSION)));
    EXPECT_TRUE(is_200(ask(port, post, nullptr, TLS1_3_VERSION, TLS1_3_VERSION)));
    EXPECT_TRUE(is_200(ask(port, request("GET", "/webhooks/echo", client_header()))));
    EXPECT_TRUE(ask(port, post, nullptr, TLS1_VERSION, TLS1_1_VERSION).starts_with("refused: "));
    EXPECT_EQ(inbound.kept().size(), 1U);
    EXPECT_EQ(listener::testing::Client(port).read_until("").find("HTTP/"), std::string::npos);
}

TEST_F(InboundTls, takes_ten_megabytes) {
    RunningInbound inbound(settings(false));
    const std::string large = notification(",\"x\":\"" + std::string(10'485'760, 'x') + "\"");
    EXPECT_TRUE(is_200(ask(inbound.port(), arqsign_post(large))));
    EXPECT_EQ(inbound.kept().at(0).body, large);
}

TEST_F(InboundTls, wants_a_certificate_of_the_right_authority) {
    RunningInbound inbound(settings(true));
    const int port = inbound.port();
    const std::string post = arqsign_post(notification());
    const KeyPair right = clients.issue(named("webhooks"));
    const KeyPair foreign = servers.issue(named("webhooks"));
    EXPECT_TRUE(is_200(ask(port, post, &right)));
    EXPECT_TRUE(is_200(ask(port, post, &right, TLS1_2_VERSION, TLS1_2_VERSION)));
    EXPECT_EQ(ask(port, post).find("HTTP/"), std::string::npos);
    EXPECT_EQ(ask(port, post, &foreign).find("HTTP/"), std::string::npos);
    EXPECT_TRUE(inbound.counted(R"(webhook_rejected_total{reason="tls"} 2)")) << inbound.metrics();
}

TEST_F(InboundTls, can_want_one_from_some_accounts_alone_and_a_certain_one) {
    config::InboundSettings asked = settings(true);
    asked.client_certificate_required = false;
    RunningInbound inbound(asked);
    inbound.doors[0].client_certificate = true;
    inbound.doors[0].client_pins = {"subject:CN=webhooks"};
    Adoption pinned = inbound.adoption(asked);
    inbound.on_loop([&] { inbound.server().adopt(std::move(pinned)); });
    const int port = inbound.port();
    const std::string intent = request("GET", "/webhooks/echo", client_header());
    const KeyPair right = clients.issue(named("webhooks"));
    const KeyPair other = clients.issue(named("another"));
    EXPECT_TRUE(is_200(ask(port, arqsign_post(notification())))) << "this account wants none";
    EXPECT_TRUE(is_200(ask(port, intent, &right)));
    EXPECT_TRUE(ask(port, intent).starts_with("HTTP/1.1 400 "));
    EXPECT_TRUE(ask(port, intent, &other).starts_with("HTTP/1.1 400 "));
    EXPECT_TRUE(inbound.counted(R"(webhook_rejected_total{reason="client_certificate"} 2)"));
    const KeyPair foreign = servers.issue(named("webhooks"));
    EXPECT_EQ(ask(port, intent, &foreign).find("HTTP/"), std::string::npos) << "a wrong one is worse than none";
}

TEST_F(InboundTls, waits_for_no_slow_handshake) {
    config::InboundSettings quick = settings(false);
    quick.header_timeout = 100ms;
    RunningInbound inbound(quick);
    EXPECT_EQ(listener::testing::Client(inbound.port()).read_all(), "");
    EXPECT_TRUE(inbound.counted(R"(webhook_rejected_total{reason="slow"} 1)"));
}

TEST_F(InboundTls, says_which_file_it_cannot_use) {
    config::InboundSettings wrong = settings(false);
    wrong.key_file = folder.write("other.key", servers.issue(named("other")).key_pem).string();
    try {
        Adoption::read(wrong, {});
        FAIL() << "the key belongs to another certificate";
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("other.key"), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace signwatch::inbound
