// The inbound listener through real sockets: what providers are answered, and what strangers cost us.
#include "daemon/inbound/inbound_server.hpp"

#include <algorithm>
#include <iostream>

#include <gtest/gtest.h>

#include "daemon/inbound/inbound_fixture.hpp"
#include "daemon/listener/client_fixture.hpp"

namespace signwatch::inbound {
namespace {

using namespace std::chrono_literals;
using listener::testing::Client;
using testing::arqsign_post;
using testing::client_header;
using testing::hmac_header;
using testing::notification;
using testing::plain_settings;
using testing::request;
using testing::RunningInbound;

std::string ask(int port, const std::string& bytes) {
    Client client(port);
    client.send(bytes);
    return client.read_all();
}

std::string status_of(const std::string& answer) {
    return answer.substr(0, answer.find("\r\n"));
}

TEST(InboundServer, echoes_at_a_verification_of_intent) {
    RunningInbound inbound;
    const std::string answer = ask(inbound.port(), request("GET", "/webhooks/echo", client_header()));
    EXPECT_EQ(status_of(answer), "HTTP/1.1 200 OK");
    EXPECT_NE(answer.find("\r\nX-AdobeSign-ClientId: " + testing::client_id + "\r\n"), std::string::npos) << answer;
    EXPECT_NE(answer.find("\r\nContent-Type: application/json\r\n"), std::string::npos);
    EXPECT_TRUE(answer.ends_with("{\"xAdobeSignClientId\":\"" + testing::client_id + "\"}"));
    EXPECT_TRUE(inbound.kept().empty());
    EXPECT_TRUE(
        inbound.counted(R"(webhooks_received_total{account="echo",provider="adobe_sign",result="answered"} 1)"));
}

TEST(InboundServer, says_200_when_a_notification_is_queued_and_for_its_repeats) {
    RunningInbound inbound;
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(status_of(ask(inbound.port(), arqsign_post(notification()))), "HTTP/1.1 200 OK");
    EXPECT_EQ(status_of(ask(inbound.port(), request("POST", "/webhooks/echo", client_header(), "{}"))),
              "HTTP/1.1 200 OK");
    const std::vector<Notification> kept = inbound.kept();
    ASSERT_EQ(kept.size(), 2U);
    EXPECT_EQ(kept[0].account, "arqsign");
    EXPECT_EQ(kept[0].body, notification()) << "the raw bytes";
    EXPECT_NE(to_unix_ms(kept[0].received_at), 0);
    EXPECT_EQ(kept[1].account, "echo");
    EXPECT_TRUE(inbound.counted(R"(webhooks_received_total{account="arqsign",provider="arqsign",result="queued"} 1)"));
    EXPECT_TRUE(
        inbound.counted(R"(webhooks_received_total{account="arqsign",provider="arqsign",result="repeated"} 2)"));
}

TEST(InboundServer, takes_a_chunked_body_as_it_was_before_it_was_cut) {
    RunningInbound inbound;
    const std::string body = notification();
    const std::string chunked = "POST /webhooks/arqsign HTTP/1.1\r\nHost: x\r\n" + hmac_header(body) +
                                "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\na\r\n" + body.substr(0, 10) +
                                "\r\n" + "2\r\n" + body.substr(10, 2) + "\r\n46;x=y\r\n" + body.substr(12) +
                                "\r\n0\r\n\r\n";
    ASSERT_EQ(body.size() - 12, 0x46U) << "else the length of the last piece above is wrong";
    EXPECT_EQ(status_of(ask(inbound.port(), chunked)), "HTTP/1.1 200 OK");
    EXPECT_EQ(inbound.kept().at(0).body, body);
}

TEST(InboundServer, refuses_everything_alike) {
    RunningInbound inbound;
    const std::string body = notification();
    const std::string refused =
        "HTTP/1.1 400 Bad Request\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
        "Connection: close\r\nContent-Length: 0\r\n\r\n";
    for (const std::string& bad :
         {request("GET", "/", ""),
          request("GET", "/webhooks/nobody", client_header()),
          request("GET", "/webhooks/echo", ""),
          request("GET", "/webhooks/echo", "X-AdobeSign-ClientId: another\r\n"),
          request("PUT", "/webhooks/echo", client_header(), "{}"),
          request("DELETE", "/webhooks/echo", client_header()),
          request("OPTIONS", "*", ""),
          request("POST", "/webhooks/nobody", hmac_header(body), body),
          request("POST", "/webhooks/arqsign", "", body),
          request("POST", "/webhooks/arqsign", hmac_header("other"), body),
          request("GET", "/webhooks/arqsign", hmac_header("")),
          request("GET", "/metrics", ""),
          request("GET", "/webhooks/../webhooks/echo", client_header()),
          std::string("\x16\x03\x01 hello\r\n\r\n"),
          request("POST", "/webhooks/echo", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n")}) {
        EXPECT_EQ(ask(inbound.port(), bad), refused) << bad;
    }
    EXPECT_EQ(ask(inbound.port(), request("HEAD", "/webhooks/echo", client_header())), refused);
    EXPECT_TRUE(inbound.kept().empty());
    EXPECT_TRUE(inbound.counted(R"(webhook_rejected_total{reason="bad_hmac"} 2)")) << inbound.metrics();
    EXPECT_TRUE(inbound.counted(R"(webhook_rejected_total{reason="unknown_client"} 2)"));
    EXPECT_TRUE(inbound.counted(R"(webhook_rejected_total{reason="no_http"} 2)"));
    EXPECT_EQ(inbound.logged().find("nobody"), std::string::npos) << "paths are secrets";
    EXPECT_EQ(inbound.logged().find("127.0.0.1"), std::string::npos);
}

TEST(InboundServer, refuses_what_is_too_large_before_it_is_read) {
    RunningInbound inbound;
    const std::string large(13U << 20U, ' ');
    for (const char* target : {"/webhooks/arqsign", "/webhooks/nobody"})
        EXPECT_EQ(status_of(ask(inbound.port(), request("POST", target, "", large))), "HTTP/1.1 413 Payload Too Large");
    const std::string fits(2U << 20U, ' ');
    EXPECT_EQ(status_of(ask(inbound.port(), request("POST", "/webhooks/echo", client_header(), fits))),
              "HTTP/1.1 400 Bad Request")
        << "more than this account takes, though less than the other";
    EXPECT_EQ(
        status_of(ask(inbound.port(), request("GET", "/webhooks/echo", "X: " + std::string(20'000, 'x') + "\r\n"))),
        "HTTP/1.1 431 Request Header Fields Too Large");
    const std::string whole = notification(",\"x\":\"" + std::string(10'485'760, 'x') + "\"");
    EXPECT_EQ(status_of(ask(inbound.port(), arqsign_post(whole))), "HTTP/1.1 200 OK") << "10 MB are allowed";
    EXPECT_EQ(inbound.on_loop([&] { return inbound.server().held_bytes(); }), 0U);
}

TEST(InboundServer, holds_no_more_of_all_bodies_than_it_may) {
    config::InboundSettings settings = plain_settings();
    settings.body_memory = 16 << 20;
    RunningInbound inbound(settings);
    inbound.on_loop([&] { inbound.inbox().delay = 1s; });
    const std::string half = notification(",\"x\":\"" + std::string(9U << 20U, 'x') + "\"");
    Client first(inbound.port());
    first.send(arqsign_post(half));
    while (inbound.on_loop([&] { return inbound.server().held_bytes(); }) < half.size())
        std::this_thread::yield();
    EXPECT_EQ(status_of(ask(inbound.port(), arqsign_post(half))), "HTTP/1.1 503 Service Unavailable");
    EXPECT_EQ(status_of(first.read_all()), "HTTP/1.1 200 OK");
    EXPECT_TRUE(inbound.counted(R"(webhook_rejected_total{reason="bodies_full"} 1)"));
    EXPECT_EQ(inbound.on_loop([&] { return inbound.server().held_bytes(); }), 0U);
}

TEST(InboundServer, asks_for_a_repeat_when_nothing_can_be_queued) {
    RunningInbound inbound;
    inbound.on_loop([&] { inbound.inbox().failing = true; });
    const std::string answer = ask(inbound.port(), arqsign_post(notification()));
    EXPECT_EQ(status_of(answer), "HTTP/1.1 503 Service Unavailable");
    EXPECT_NE(answer.find("\r\nRetry-After: 5\r\n"), std::string::npos);
    EXPECT_TRUE(
        inbound.counted(R"(webhooks_received_total{account="arqsign",provider="arqsign",result="unavailable"} 1)"));
    inbound.on_loop([&] { inbound.inbox().failing = false; });
    EXPECT_EQ(status_of(ask(inbound.port(), arqsign_post(notification()))), "HTTP/1.1 200 OK");
}

TEST(InboundServer, waits_for_the_queue_no_longer_than_the_sender_does) {
    config::InboundSettings settings = plain_settings();
    settings.queue_timeout = 50ms;
    RunningInbound inbound(settings);
    inbound.on_loop([&] { inbound.inbox().delay = 400ms; });
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(status_of(ask(inbound.port(), arqsign_post(notification()))), "HTTP/1.1 503 Service Unavailable");
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 380ms);
    EXPECT_TRUE(inbound.counted(R"(webhook_rejected_total{reason="queue_slow"} 1)"));
    while (inbound.on_loop([&] { return inbound.server().busy(); }) > 0)
        std::this_thread::yield();
    inbound.on_loop([&] { inbound.inbox().delay = 0ms; });
    EXPECT_EQ(status_of(ask(inbound.port(), arqsign_post(notification()))), "HTTP/1.1 200 OK");
    EXPECT_EQ(inbound.kept().size(), 1U) << "it was queued after all, and the repeat is a duplicate";
}

TEST(InboundServer, answers_requests_that_come_in_one_piece_in_their_order) {
    RunningInbound inbound;
    std::string together;
    for (int i = 0; i < 20; ++i)
        together += arqsign_post(notification(",\"n\":" + std::to_string(i)), false);
    together += request("GET", "/webhooks/nobody", "", "", false) + request("GET", "/webhooks/echo", client_header());
    const std::string answers = ask(inbound.port(), together);
    std::size_t good = 0;
    for (std::size_t at = answers.find(" 200 OK"); at != std::string::npos; at = answers.find(" 200 OK", at + 1))
        ++good;
    EXPECT_EQ(good, 21U);
    EXPECT_GT(answers.rfind(" 200 OK"), answers.find(" 400 Bad Request"));
    const std::vector<Notification> kept = inbound.kept();
    ASSERT_EQ(kept.size(), 20U);
    EXPECT_NE(kept[19].body.find("\"n\":19"), std::string::npos);
}

TEST(InboundServer, waits_for_no_slow_header_and_no_slow_body) {
    config::InboundSettings settings = plain_settings();
    settings.header_timeout = 200ms;
    settings.least_body_rate = 1'000;
    RunningInbound inbound(settings);
    Client silent(inbound.port());
    Client header(inbound.port());
    header.send("POST /webhooks/echo HTTP/1.1\r\n");
    Client body(inbound.port());
    body.send("POST /webhooks/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
    const auto begun = std::chrono::steady_clock::now();
    std::thread trickle([&] {
        for (int i = 0; i < 40; ++i) {
            header.send("X: y\r\n");
            body.send("0123456789");
            std::this_thread::sleep_for(25ms);
        }
    });
    EXPECT_EQ(silent.read_all(), "");
    EXPECT_EQ(header.read_all(), "");
    EXPECT_EQ(body.read_all(), "");
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
    trickle.join();
    EXPECT_TRUE(inbound.counted(R"(webhook_rejected_total{reason="slow"} 2)")) << inbound.metrics();
    Client steady(inbound.port());
    const std::string text = notification(",\"x\":\"" + std::string(4'000, 'x') + "\"");
    const std::string bytes = arqsign_post(text);
    for (std::size_t at = 0; at < bytes.size(); at += 500) {
        steady.send(bytes.substr(at, 500));
        std::this_thread::sleep_for(20ms);
    }
    EXPECT_EQ(status_of(steady.read_all()), "HTTP/1.1 200 OK") << "25 times as fast as it must be";
}

TEST(InboundServer, ends_connections_that_are_idle) {
    config::InboundSettings settings = plain_settings();
    settings.idle_timeout = 50ms;
    RunningInbound inbound(settings);
    Client client(inbound.port());
    client.send(arqsign_post(notification(), false));
    EXPECT_EQ(status_of(client.read_until("\r\n\r\n")), "HTTP/1.1 200 OK");
    EXPECT_EQ(client.read_all(), "");
}

TEST(InboundServer, takes_as_many_connections_as_it_may) {
    config::InboundSettings settings = plain_settings();
    settings.connections = 5;
    settings.connections_per_address = 3;
    RunningInbound inbound(settings);
    const int port = inbound.port();
    {
        std::vector<std::unique_ptr<Client>> many;
        for (int i = 0; i < 3; ++i) {
            many.push_back(std::make_unique<Client>(port));
            many.back()->send(arqsign_post(notification(), false));
            EXPECT_NE(many.back()->read_until("\r\n\r\n"), "");
        }
        EXPECT_EQ(Client(port).read_all(), "") << "closed at once";
        EXPECT_TRUE(inbound.counted(R"(webhook_rejected_total{reason="connections_of_address"} 1)"));
    }
    while (inbound.on_loop([&] { return inbound.server().connections(); }) > 0)
        std::this_thread::yield();
    EXPECT_EQ(status_of(ask(port, arqsign_post(notification()))), "HTTP/1.1 200 OK");
}

TEST(InboundServer, closes_the_connection_that_is_idle_longest_for_a_new_one) {
    config::InboundSettings settings = plain_settings();
    settings.connections = 3;
    RunningInbound inbound(settings);
    std::vector<std::unique_ptr<Client>> many;
    for (int i = 0; i < 3; ++i) {
        many.push_back(std::make_unique<Client>(inbound.port()));
        many.back()->send(arqsign_post(notification(), false));
        EXPECT_NE(many.back()->read_until("\r\n\r\n"), "");
    }
    many[0]->send(arqsign_post(notification(), false));
    EXPECT_NE(many[0]->read_until("\r\n\r\n"), "");
    EXPECT_EQ(status_of(ask(inbound.port(), arqsign_post(notification()))), "HTTP/1.1 200 OK");
    EXPECT_EQ(many[1]->read_all(), "") << "it had to go";
    for (const int stays : {0, 2}) {
        many[static_cast<std::size_t>(stays)]->send(arqsign_post(notification(), false));
        EXPECT_EQ(status_of(many[static_cast<std::size_t>(stays)]->read_until("\r\n\r\n")), "HTTP/1.1 200 OK");
    }
    inbound.on_loop([&] { inbound.inbox().delay = 300ms; });
    for (const int busy : {0, 2})
        many[static_cast<std::size_t>(busy)]->send(arqsign_post(notification(",\"n\":1"), false));
    Client third(inbound.port());
    third.send(arqsign_post(notification(",\"n\":2"), false));
    while (inbound.on_loop([&] { return inbound.server().busy(); }) < 6)
        std::this_thread::yield();
    EXPECT_EQ(Client(inbound.port()).read_all(), "") << "nobody is idle";
    EXPECT_TRUE(inbound.counted(R"(webhook_rejected_total{reason="connection_limit"} 1)"));
}

TEST(InboundServer, holds_floods_back_without_saying_no_for_good) {
    config::InboundSettings settings = plain_settings();
    settings.rate_per_account = 0.01;
    settings.burst_per_account = 3;
    settings.rate_per_address = 0.01;
    settings.burst_per_address = 9;
    RunningInbound inbound(settings);
    int good = 0;
    for (int i = 0; i < 5; ++i)
        good += status_of(ask(inbound.port(), arqsign_post(notification()))) == "HTTP/1.1 200 OK" ? 1 : 0;
    EXPECT_EQ(good, 3);
    EXPECT_TRUE(inbound.counted(R"(webhook_rejected_total{reason="flood_of_account"} 2)"));
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(status_of(ask(inbound.port(), request("POST", "/webhooks/arqsign", "", "forged"))),
                  "HTTP/1.1 400 Bad Request")
            << "forgeries are no part of the account's flood";
    EXPECT_EQ(status_of(ask(inbound.port(), request("GET", "/webhooks/echo", client_header()))), "HTTP/1.1 200 OK");
    for (const char* target : {"/webhooks/echo", "/nowhere"})
        EXPECT_EQ(status_of(ask(inbound.port(), request("GET", target, client_header()))),
                  "HTTP/1.1 503 Service Unavailable");
    EXPECT_TRUE(inbound.counted(R"(webhook_rejected_total{reason="flood_of_address"} 2)"));
}

TEST(InboundServer, lets_in_only_the_networks_that_are_named) {
    config::InboundSettings settings = plain_settings();
    settings.allowed = {*config::parse_network("192.0.2.0/24")};
    RunningInbound inbound(settings);
    EXPECT_EQ(ask(inbound.port(), arqsign_post(notification())), "") << "closed before a byte is read";
    settings.allowed.push_back(*config::parse_network("127.0.0.0/8"));
    Adoption wider = inbound.adoption(settings);
    inbound.on_loop([&] { inbound.server().adopt(std::move(wider)); });
    EXPECT_EQ(status_of(ask(inbound.port(), arqsign_post(notification()))), "HTTP/1.1 200 OK");
}

TEST(InboundServer, believes_its_proxy_about_the_client) {
    config::InboundSettings settings = plain_settings();
    settings.trusted_proxies = {*config::parse_network("127.0.0.1")};
    settings.allowed = {*config::parse_network("192.0.2.0/24")};
    RunningInbound inbound(settings);
    const auto from = [&](const std::string& forwarded) {
        const std::string body = notification();
        return status_of(
            ask(inbound.port(), request("POST", "/webhooks/arqsign", forwarded + hmac_header(body), body)));
    };
    EXPECT_EQ(from("X-Forwarded-For: 192.0.2.7\r\n"), "HTTP/1.1 200 OK");
    EXPECT_EQ(from("X-Forwarded-For: 192.0.2.7, 203.0.113.9\r\n"), "HTTP/1.1 400 Bad Request") << "an invented hop";
    EXPECT_EQ(from("X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-For: 192.0.2.7\r\n"), "HTTP/1.1 200 OK");
    EXPECT_EQ(from(""), "HTTP/1.1 400 Bad Request");
    settings.trusted_proxies = {*config::parse_network("10.0.0.0/8")};
    Adoption elsewhere = inbound.adoption(settings);
    inbound.on_loop([&] { inbound.server().adopt(std::move(elsewhere)); });
    EXPECT_EQ(from("X-Forwarded-For: 192.0.2.7\r\n"), "") << "nobody but the proxy may connect";
}

TEST(InboundServer, answers_behind_a_proxy_on_a_unix_socket) {
    const signwatch::testing::TempDir folder;
    config::InboundSettings settings = plain_settings();
    settings.listen = {"", 0, (folder.path() / "inbound.sock").string()};
    RunningInbound inbound(settings);
    Client client(settings.listen.unix_path);
    client.send(arqsign_post(notification()));
    EXPECT_EQ(status_of(client.read_all()), "HTTP/1.1 200 OK");
}

TEST(InboundServer, takes_up_the_accounts_of_a_reload_while_connections_stay) {
    RunningInbound inbound;
    Client client(inbound.port());
    client.send(request("GET", "/webhooks/echo", client_header(), "", false));
    EXPECT_EQ(status_of(client.read_until("\"}")), "HTTP/1.1 200 OK");
    inbound.doors[0].path = "/moved/here";
    Adoption moved = inbound.adoption(plain_settings());
    inbound.on_loop([&] { inbound.server().adopt(std::move(moved)); });
    client.send(request("GET", "/webhooks/echo", client_header(), "", false));
    EXPECT_EQ(status_of(client.read_until("\r\n\r\n")), "HTTP/1.1 400 Bad Request");
    client.send(request("GET", "/moved/here", client_header()));
    EXPECT_EQ(status_of(client.read_all()), "HTTP/1.1 200 OK");
}

TEST(InboundServer, draining_finishes_what_has_begun) {
    RunningInbound inbound;
    inbound.on_loop([&] { inbound.inbox().delay = 100ms; });
    const std::string bytes = arqsign_post(notification(), false);
    Client queueing(inbound.port());
    queueing.send(bytes);
    Client reading(inbound.port());
    reading.send(bytes.substr(0, bytes.size() - 5));
    Client idle(inbound.port());
    idle.send(request("GET", "/webhooks/echo", client_header(), "", false));
    EXPECT_NE(idle.read_until("\"}"), "");
    while (inbound.on_loop([&] { return inbound.server().busy(); }) < 4)
        std::this_thread::yield();
    inbound.on_loop([&] { inbound.server().drain(); });
    EXPECT_EQ(idle.read_all(), "");
    reading.send(bytes.substr(bytes.size() - 5));
    EXPECT_EQ(status_of(queueing.read_all()), "HTTP/1.1 200 OK");
    EXPECT_EQ(status_of(reading.read_all()), "HTTP/1.1 200 OK");
    while (inbound.on_loop([&] { return inbound.server().busy(); }) > 0)
        std::this_thread::yield();
}

}  // namespace
}  // namespace signwatch::inbound
