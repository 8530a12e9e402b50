#include "core/http/url_guard.hpp"

#include <gtest/gtest.h>

#include "core/http/client_fixture.hpp"
#include "core/http/hostile_urls.hpp"

namespace signwatch::http::testing {
namespace {

struct UrlGuardTest : ClientFixture {
    TestServer server{serving(host()),
                      [](const ServerRequest&, ServerConnection& connection) { connection.answer(200, ""); }};
};

TEST_F(UrlGuardTest, no_hostile_url_causes_a_connection) {
    const auto urls = hostile_urls(std::to_string(server.port()));
    ASSERT_GE(urls.size(), 200U);
    const auto client = factory->create(identity(server.origin("localhost")));
    for (const std::string& url : urls) {
        const Outcome outcome = finish(client->send(get(url)));
        EXPECT_EQ(outcome.code(), "url_refused") << url.substr(0, 100);
        if (outcome.error) {
            EXPECT_EQ(outcome.error->kind(), ErrorKind::permanent);
        }
        EXPECT_TRUE(url.size() < 12 || outcome.text().find(url) == std::string::npos);
    }
    EXPECT_EQ(server.connections(), 0);
}

TEST_F(UrlGuardTest, urls_of_the_origin_reach_it) {
    const auto client = factory->create(identity(server.origin("localhost")));
    const std::string origin = server.origin("localhost");
    for (const std::string path : {"", "/", "/a/b?c=d&e=f%20g", "?polling_queue=x", "/~a;b,c:d@e!f'(g)*+$="}) {
        EXPECT_EQ(finish(client->send(get(origin + path))).code(), "answer 200") << path;
    }
    EXPECT_EQ(finish(client->send(get(server.origin("LocalHost") + "/x"))).code(), "answer 200");
}

TEST_F(UrlGuardTest, default_port_may_be_spelled_out_or_not) {
    for (const char* origin : {"https://a.no", "https://a.no:443"}) {
        const UrlGuard guard(origin, 8192);
        EXPECT_TRUE(guard.admit("https://a.no/x"));
        EXPECT_TRUE(guard.admit("https://a.no:443/x"));
        EXPECT_THROW(guard.admit("https://a.no:8443/x"), Error);
        EXPECT_THROW(guard.admit("https://a.no.evil.org/x"), Error);
    }
}

TEST_F(UrlGuardTest, an_ipv6_origin_works) {
    const UrlGuard guard("https://[::1]:9", 8192);
    EXPECT_TRUE(guard.admit("https://[::1]:9/x"));
    EXPECT_THROW(guard.admit("https://[::2]:9/x"), Error);
    EXPECT_THROW(guard.admit("https://[::1]/x"), Error);
}

}  // namespace
}  // namespace signwatch::http::testing
