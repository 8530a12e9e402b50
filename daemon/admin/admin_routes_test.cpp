#include "daemon/admin/admin_routes.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "daemon/admin/admin_fixture.hpp"
#include "tests/contract/loop.hpp"

namespace signwatch::admin {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

struct AdminRoutesTest : ::testing::Test {
    signwatch::testing::Loop loop;  // before whose threads answer on it: it has to outlive them
    testing::AdminFixture fixture;
    AdminRoutes routes{fixture.parts()};

    Handled ask(const std::string& method,
                const std::string& target,
                const std::string& body = "",
                const std::string& type = "application/json") {
        listener::Request request;
        request.method = method;
        request.target = target;
        request.content_type = body.empty() ? "" : type;
        request.body = body;
        return loop.wait(routes.handle(std::move(request)));
    }
    int status(const std::string& method, const std::string& target) { return ask(method, target).answer.status; }
    json get(const std::string& target) {
        const Handled handled = ask("GET", target);
        EXPECT_EQ(handled.answer.status, 200) << handled.answer.body;
        return json::parse(handled.answer.body);
    }
    Handled post(const std::string& body) { return ask("POST", "/v1/processes", body); }
    std::string refusal(const std::string& body, int wanted) {
        const Handled handled = post(body);
        EXPECT_EQ(handled.answer.status, wanted) << handled.answer.body;
        return json::parse(handled.answer.body).at("error").at("message");
    }
    static std::string registration(const std::string& process,
                                    const std::string& correlation = "loan-1",
                                    const std::string& more = "",
                                    const std::string& account = "acme") {
        return R"({"account":")" + account + R"(","processId":")" + process + R"(","correlationId":")" + correlation +
               "\"" + more + "}";
    }
    void park(const std::string& process) {
        const WallTime later = fixture.clock.schedule_now() + 48h;
        ClaimWatches claim;
        claim.now = later;
        claim.accounts = {{"acme", 600s, 100}};
        for (const Watch& watch : loop.wait(fixture.store->claim_due_watches(claim))) {
            SettleWatch settlement;
            settlement.watch = watch.id;
            settlement.due_at = settlement.settled_at = later;
            settlement.ends = settlement.parks = watch.key.target == process;
            loop.wait(fixture.store->settle_watch(settlement));
        }
    }
};

TEST_F(AdminRoutesTest, registers_and_says_what_became_of_it) {
    const Handled added = post(registration("1"));
    EXPECT_EQ(added.route, "register");
    EXPECT_EQ(added.answer.status, 201) << added.answer.body;
    EXPECT_EQ(json::parse(added.answer.body),
              (json{{"outcome", "added"}, {"account", "acme"}, {"process_id", "1"}, {"correlation_id", "loan-1"}}));
    EXPECT_EQ(post(registration("1")).answer.status, 200);
    const Handled changed = post(registration("1", "loan-1", R"(,"interval":"5m")"));
    EXPECT_EQ(changed.answer.status, 200);
    EXPECT_EQ(json::parse(changed.answer.body)["outcome"], "changed");
    const std::string conflict = refusal(registration("1", "loan-2"), 409);
    EXPECT_NE(conflict.find("loan-1"), std::string::npos);
    EXPECT_NE(conflict.find("loan-2"), std::string::npos);
}

TEST_F(AdminRoutesTest, refuses_what_is_no_registration) {
    EXPECT_NE(refusal("{", 400).find("JSON"), std::string::npos);
    EXPECT_NE(refusal("{\"account\":\"\xff\"}", 400).find("UTF-8"), std::string::npos);
    EXPECT_NE(refusal(std::string(100'000, '['), 400), "");
    EXPECT_NE(refusal("{}", 422).find("account"), std::string::npos);
    EXPECT_NE(refusal("7", 422).find("object"), std::string::npos);
    EXPECT_NE(refusal(registration("1", "c", R"(,"more":1)"), 422).find("more"), std::string::npos);
    EXPECT_NE(refusal(registration("bad"), 422).find("no id"), std::string::npos);
    EXPECT_NE(refusal(registration("1", "c", "", "other"), 422).find("no account other"), std::string::npos);
    EXPECT_NE(refusal(registration("1", "c", R"(,"interval":"5m")", "queued"), 422).find("queue"), std::string::npos);
    EXPECT_EQ(ask("POST", "/v1/processes", registration("1"), "text/plain").answer.status, 415);
    EXPECT_EQ(ask("POST", "/v1/processes", registration("1"), "application/json; charset=utf-8").answer.status, 201);
    EXPECT_EQ(ask("POST", "/v1/processes").answer.status, 415);
}

TEST_F(AdminRoutesTest, takes_a_list_and_answers_each) {
    post(registration("3", "other"));
    const Handled handled = post("[" + registration("1") + "," + registration("bad") + ",7," + registration("3") +
                                 R"(,{"account":{"a":{"b":{"c":{"d":{"e":1}}}}}},)" + registration("1") + "]");
    EXPECT_EQ(handled.answer.status, 200) << handled.answer.body;
    std::vector<int> found;
    const json answer = json::parse(handled.answer.body);
    for (const json& result : answer["results"])
        found.push_back(result["status"]);
    EXPECT_EQ(found, (std::vector<int>{201, 422, 422, 409, 422, 200}));
    EXPECT_EQ(answer["results"][0]["process_id"], "1");
    EXPECT_EQ(answer["results"][3]["error"]["code"], "conflict");
    EXPECT_EQ(json::parse(post("[]").answer.body)["results"].size(), 0U);

    std::string many = "[" + registration("x");
    for (int i = 0; i < 999; ++i)
        many += "," + registration(std::to_string(i), "many");
    EXPECT_EQ(post(many + "]").answer.status, 200);
    EXPECT_EQ(get("/v1/processes?account=acme&limit=1000")["processes"].size(), 1'000U);
    EXPECT_EQ(post(many + "," + registration("y") + "]").answer.status, 422);
}

TEST_F(AdminRoutesTest, a_snapshot_tells_everything_by_correlation_id) {
    post(registration("1", "loan one", R"(,"deadline":"2030-01-01T00:00:00Z","labels":{"branch":"Oslo"})"));
    post(registration("2", "loan-2"));
    const json found = get("/v1/processes?correlationId=loan%20one");
    ASSERT_EQ(found["processes"].size(), 1U);
    EXPECT_EQ(get("/v1/processes?correlationId=loan+one"), found);
    const json& process = found["processes"][0];
    EXPECT_EQ(process["process_id"], "1");
    EXPECT_EQ(process["correlation_id"], "loan one");
    EXPECT_EQ(process["labels"]["branch"], "Oslo");
    EXPECT_EQ(process["looked_at"], "yes");
    for (const char* part : {"participants", "documents", "updates", "history"})
        EXPECT_TRUE(process[part].is_array()) << part;
    EXPECT_EQ(get("/v1/processes/acme/1"), process);
    EXPECT_EQ(get("/v1/processes?correlationId=nobody")["processes"].size(), 0U);
}

TEST_F(AdminRoutesTest, lists_by_what_is_asked_for) {
    for (const char* process : {"1", "2", "3"})
        post(registration(process, std::string("loan-") + process));
    post(registration("4", "q", "", "queued"));
    EXPECT_EQ(get("/v1/processes")["processes"].size(), 4U);
    EXPECT_EQ(get("/v1/processes?account=queued")["processes"].size(), 1U);
    EXPECT_EQ(get("/v1/processes?limit=2")["processes"].size(), 2U);
    EXPECT_EQ(get("/v1/processes?limit=3&offset=3")["processes"].size(), 1U);
    EXPECT_EQ(get("/v1/processes?state=completed")["processes"].size(), 0U);
    EXPECT_FALSE(get("/v1/processes")["processes"][0].contains("history"));
    for (const char* query : {"limit=0",
                              "limit=1001",
                              "limit=x",
                              "offset=-1",
                              "state=done",
                              "acount=acme",
                              "account=",
                              "account",
                              "account=a&account=b",
                              "account=%zz",
                              "account=%",
                              "account=%ff",
                              "account=%00",
                              ""}) {
        EXPECT_EQ(status("GET", std::string("/v1/processes?") + query), 400) << query;
    }
    EXPECT_EQ(status("GET", "/v1/processes/acme/1?account=acme"), 400);
}

TEST_F(AdminRoutesTest, paths_are_decoded_strictly) {
    post(registration("a/b c+d"));
    EXPECT_EQ(get("/v1/processes/acme/a%2Fb%20c+d")["process_id"], "a/b c+d");
    EXPECT_EQ(status("GET", "/v1/processes/acme/a/b"), 404);
    EXPECT_EQ(status("GET", "/v1/processes/acme/"), 400);
    EXPECT_EQ(status("GET", "/v1/processes/acme/%c3"), 400);
    EXPECT_EQ(status("GET", "/v1/processes/acme/%0a"), 400);
    EXPECT_EQ(status("GET", "/v1//processes"), 400);
    EXPECT_EQ(status("GET", "v1/processes"), 400);
    EXPECT_EQ(status("GET", "/"), 404);
    EXPECT_EQ(status("GET", "/v2/processes"), 404);
    const Handled wrong = ask("PUT", "/v1/processes");
    EXPECT_EQ(wrong.answer.status, 405);
    EXPECT_EQ(wrong.answer.allow, "POST, GET");
    EXPECT_EQ(wrong.route, "none");
}

TEST_F(AdminRoutesTest, orders) {
    post(registration("1"));
    post(registration("4", "q", "", "queued"));
    const std::string process = "/v1/processes/acme/1";
    EXPECT_EQ(status("POST", process + "/poll-now"), 200);
    EXPECT_EQ(status("POST", process + "/pause"), 200);
    EXPECT_EQ(get(process)["looked_at"], "paused");
    EXPECT_EQ(status("POST", process + "/poll-now"), 409);
    EXPECT_EQ(status("POST", process + "/resume"), 200);
    EXPECT_EQ(ask("POST", process + "/pause", "{}").answer.status, 400);
    EXPECT_EQ(status("POST", "/v1/processes/acme/2/pause"), 404);
    EXPECT_EQ(status("POST", "/v1/processes/nobody/1/pause"), 404);
    EXPECT_EQ(status("POST", "/v1/processes/queued/4/pause"), 409);
    const Handled removed = ask("DELETE", process);
    EXPECT_EQ(removed.answer.status, 204);
    EXPECT_EQ(removed.answer.body, "");
    EXPECT_EQ(removed.route, "remove");
    EXPECT_EQ(status("DELETE", process), 404);
    EXPECT_EQ(status("DELETE", "/v1/processes/queued/4"), 409);
    EXPECT_EQ(get(process)["looked_at"], "removed");
}

TEST_F(AdminRoutesTest, what_is_parked_is_taken_up_again) {
    post(registration("1"));
    EXPECT_EQ(status("POST", "/v1/processes/acme/1/retry"), 409);
    EXPECT_EQ(status("POST", "/v1/processes/acme/2/retry"), 404);
    park("1");
    EXPECT_EQ(get("/v1/processes/acme/1")["looked_at"], "parked");
    const Handled retried = ask("POST", "/v1/processes/acme/1/retry");
    EXPECT_EQ(retried.answer.status, 200);
    EXPECT_EQ(json::parse(retried.answer.body)["retried"], 1);
    EXPECT_EQ(get("/v1/processes/acme/1")["looked_at"], "yes");
}

TEST_F(AdminRoutesTest, a_record_that_fails_is_said) {
    fixture.failure = Error(ErrorKind::transient, "store_busy", "the record is busy");
    for (const auto& [method, target] : std::map<std::string, std::string>{
             {"GET", "/v1/processes"}, {"DELETE", "/v1/processes/acme/1"}, {"POST", "/v1/processes/acme/1/retry"}}) {
        EXPECT_EQ(status(method, target), 503) << target;
    }
    EXPECT_NE(refusal(registration("1"), 503).find("busy"), std::string::npos);
    fixture.failure = Error(ErrorKind::integrity, "store_corrupt", "the record is damaged");
    EXPECT_EQ(status("GET", "/v1/processes/acme/1"), 500);
}

}  // namespace
}  // namespace signwatch::admin
