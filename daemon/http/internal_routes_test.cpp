#include "daemon/http/internal_routes.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace signwatch::internal_http {
namespace {

using namespace std::chrono_literals;

class HandClock : public Clock {
public:
    WallTime time = from_unix_ms(1'000);

    WallTime now() const override { return time; }
    WallTime schedule_now() const override { return time; }
    std::chrono::steady_clock::time_point steady_now() const override { return {}; }
    Task<void> sleep_until(WallTime, Wake&) override { co_return; }
};

struct InternalRoutesTest : testing::Test {
    HandClock clock;
    Health health{clock};
    std::string level = "info";
    InternalRoutes routes{health, hooks()};

    InternalRoutes::Hooks hooks() {
        InternalRoutes::Hooks result;
        result.render_metrics = [] { return std::string("signwatch_up 1\n"); };
        result.log_level = [this] { return level; };
        result.set_log_level = [this](std::string_view name) {
            if (name != "debug" && name != "info") return false;
            level = name;
            return true;
        };
        return result;
    }

    InternalAnswer get(std::string_view target) const { return ask("GET", target, ""); }
    InternalAnswer ask(std::string_view method,
                       std::string_view target,
                       std::string_view body,
                       bool trusted = true) const {
        InternalRequest request;
        request.method = method;
        request.target = target;
        request.body = body;
        request.trusted = trusted;
        return routes.answer(request);
    }
};

TEST_F(InternalRoutesTest, serves_the_metrics_with_their_version) {
    const InternalAnswer answer = get("/metrics");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "signwatch_up 1\n");
    EXPECT_EQ(answer.content_type, "text/plain; version=0.0.4; charset=utf-8");
}

TEST_F(InternalRoutesTest, is_alive_but_neither_started_nor_ready_while_starting) {
    EXPECT_EQ(get("/livez").status, 200);
    EXPECT_EQ(get("/startupz").status, 503);
    EXPECT_EQ(get("/readyz").status, 503);
    EXPECT_EQ(get("/readyz").body, "starting\n");
    health.started();
    EXPECT_EQ(get("/startupz").status, 200);
    EXPECT_EQ(get("/readyz").status, 200);
    EXPECT_EQ(get("/-/ready").status, 200);
    EXPECT_EQ(get("/-/healthy").status, 200);
}

TEST_F(InternalRoutesTest, draining_is_unready_and_alive) {
    health.started();
    health.draining();
    EXPECT_EQ(get("/readyz").status, 503);
    EXPECT_EQ(get("/readyz").body, "draining\n");
    EXPECT_EQ(get("/livez").status, 200);
}

TEST_F(InternalRoutesTest, an_outage_of_redis_or_a_provider_shows_but_does_not_fail_readiness) {
    health.started();
    health.pass("store", "commits");
    health.degrade("redis", "not connected");
    health.degrade("provider acme", "http_connect");
    health.degrade("config", "the last reload was refused");
    EXPECT_EQ(get("/readyz").status, 200);
    const auto body = nlohmann::json::parse(get("/readyz?verbose").body);
    EXPECT_EQ(body["ready"], true);
    EXPECT_EQ(body["checks"].size(), 4U);
    EXPECT_EQ(body["checks"][2]["name"], "redis");
    EXPECT_EQ(body["checks"][2]["state"], "degraded");
    EXPECT_EQ(body["checks"][2]["gates"], false);
    EXPECT_EQ(body["checks"][2]["detail"], "not connected");
}

TEST_F(InternalRoutesTest, a_store_that_cannot_commit_fails_readiness_and_says_since_when) {
    health.started();
    health.pass("store", "commits");
    clock.time += 5s;
    health.degrade("store", "disk full");
    clock.time += 5s;
    health.degrade("store", "disk still full");
    const InternalAnswer answer = get("/readyz?verbose=1");
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.content_type, "application/json");
    const auto check = nlohmann::json::parse(answer.body)["checks"][0];
    EXPECT_EQ(check["since"], "1970-01-01T00:00:06.000Z");
    EXPECT_EQ(check["detail"], "disk still full");
    EXPECT_EQ(get("/readyz").body, "degraded: store\n");
    EXPECT_EQ(get("/livez").status, 200);
    health.pass("store", "commits");
    EXPECT_EQ(get("/readyz").status, 200);
}

TEST_F(InternalRoutesTest, a_stuck_loop_fails_liveness) {
    health.started();
    health.pass("loops", "moving");
    EXPECT_EQ(get("/livez").status, 200);
    health.degrade("loops", "polling does not move");
    EXPECT_EQ(get("/livez").status, 503);
    EXPECT_EQ(get("/livez").body, "polling does not move\n");
    EXPECT_EQ(get("/readyz").status, 503);
}

TEST_F(InternalRoutesTest, what_is_gone_is_forgotten) {
    health.started();
    health.degrade("documents", "gone");
    health.forget("documents");
    EXPECT_TRUE(health.ready());
}

TEST_F(InternalRoutesTest, changes_the_log_level_by_body_or_query) {
    EXPECT_EQ(ask("PUT", "/-/log-level", " debug\n").status, 200);
    EXPECT_EQ(level, "debug");
    EXPECT_EQ(ask("PUT", "/-/log-level?level=info", "").body, "info\n");
    EXPECT_EQ(level, "info");
    EXPECT_EQ(ask("PUT", "/-/log-level", "loud").status, 400);
    EXPECT_EQ(ask("PUT", "/-/log-level", "").status, 400);
    EXPECT_EQ(level, "info");
    EXPECT_EQ(get("/-/log-level").body, "info\n");
}

TEST_F(InternalRoutesTest, only_this_machine_may_change_something) {
    EXPECT_EQ(ask("PUT", "/-/log-level", "debug", false).status, 403);
    EXPECT_EQ(level, "info");
}

TEST_F(InternalRoutesTest, names_the_methods_it_allows) {
    EXPECT_EQ(ask("POST", "/metrics", "").status, 405);
    EXPECT_EQ(ask("POST", "/metrics", "").allow, "GET, HEAD");
    EXPECT_EQ(ask("DELETE", "/-/log-level", "").allow, "GET, HEAD, PUT");
    EXPECT_EQ(ask("HEAD", "/livez", "").status, 200);
}

TEST_F(InternalRoutesTest, knows_no_other_paths) {
    for (const char* target :
         {"/", "", "?", "/metrics/", "/METRICS", "//metrics", "/readyz/verbose", "*", "/../metrics"}) {
        EXPECT_EQ(get(target).status, 404) << target;
    }
    EXPECT_EQ(get("/readyz?verbosely").body, "starting\n");
    EXPECT_NE(get("/readyz?a=b&verbose").body, "starting\n");
}

}  // namespace
}  // namespace signwatch::internal_http
