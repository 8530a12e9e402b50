#include "providers/adobe_sign/api.hpp"

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/crypto/digest.hpp"
#include "core/runtime/task_group.hpp"
#include "providers/adobe_sign/test_support.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::adobe_sign {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::response;
using ::testing::StartsWith;

struct Outcome {
    int status = 0;
    std::optional<Error> error;
};

Task<void> keep(Api& api, std::string path, Outcome& outcome) {
    ApiCall call;
    call.path = std::move(path);
    try {
        const HttpResponse response = co_await api.call(std::move(call));
        outcome.status = response.status;
    } catch (const Error& error) {
        outcome.error = error;
    }
}

std::string header(const HttpRequest& request, const std::string& name) {
    for (const HttpHeader& each : request.headers) {
        if (each.name == name) return each.value;
    }
    return {};
}

// Adobe with OAuth: tokens access-1, access-2 ..., refresh tokens that may rotate, an access point that may move.
class AdobeApi : public ::testing::Test {
protected:
    HttpResponse answer(const HttpRequest& request) {
        const std::string& url = request.url.reveal();
        if (url.ends_with("/oauth/v2/refresh")) return refresh(request);
        if (header(request, "Authorization") != "Bearer " + good_token) {
            return response(401, R"({"code":"INVALID_ACCESS_TOKEN","message":"x"})");
        }
        if (url.ends_with("/baseUris")) return base_uris;
        if (!url.starts_with(access_point + "api/rest/v6/")) {
            return response(400, R"({"code":"INVALID_API_ACCESS_POINT","message":"x"})");
        }
        return response(200, "{}");
    }

    HttpResponse refresh(const HttpRequest& request) {
        if (refused) return *refused;
        if (request.body.find("refresh_token=" + good_refresh + "&") == std::string::npos)
            return response(400, R"({"error":"invalid_grant","error_description":"Canary"})");
        good_token = "access-" + std::to_string(++refreshes);
        std::string body = R"({"access_token":")" + good_token + R"(","expires_in":3600)";
        if (rotates) {
            good_refresh = "refresh-" + std::to_string(refreshes);
            body += R"(,"refresh_token":")" + good_refresh + "\"";
        }
        return response(200, body + "}");
    }

    Settings settings() const {
        Settings settings = testing::settings();
        settings.login.client_id = "client";
        settings.login.client_secret_file = directory.write("client.secret", "the+secret\n").string();
        settings.login.refresh_token_file = directory.write("refresh.token", given + "\n").string();
        return settings;
    }

    Api& api() {
        if (!made) {
            ProviderContext context{hosts, clock, testing::pseudonymise()};
            context.keepsakes = &keepsakes;
            context.another_call = [this] { return pay(); };
            made = std::make_unique<Api>(settings(), context);
        }
        return *made;
    }

    Task<void> pay() {
        if (paid == affordable) {
            Error refusal(ErrorKind::throttled, "budget_spent", "no more");
            throw refusal.with_retry_after(1min);
        }
        ++paid;
        co_return;
    }

    void restart() { made.reset(); }

    std::vector<Outcome> ask(int count, const std::string& path = "/agreements/x") {
        std::vector<Outcome> outcomes(static_cast<std::size_t>(count));
        loop.restart();
        for (Outcome& outcome : outcomes)
            tasks.spawn("call", keep(api(), path, outcome));
        loop.run();
        EXPECT_THAT(escaped, IsEmpty());
        return outcomes;
    }

    Outcome ask() { return ask(1).at(0); }

    void known_place() { keepsakes.values["adobe_sign/loans/access_point"] = "https://api.adobesign.com\n" + eu1; }

    const std::string eu1 = "https://api.eu1.adobesign.com";
    const std::string token_keepsake = "adobe_sign/loans/refresh_token";
    std::string given = "refresh-0";
    std::string good_token = "none yet";
    std::string good_refresh = "refresh-0";
    std::string access_point = eu1 + "/";
    bool rotates = false;
    int paid = 0;
    int affordable = 1'000;
    int refreshes = 0;
    std::optional<HttpResponse> refused;
    HttpResponse base_uris =
        response(200, R"({"apiAccessPoint":"https://api.eu1.adobesign.com/","webAccessPoint":"x"})");
    signwatch::testing::TempDir directory;
    boost::asio::io_context loop;
    std::vector<std::string> escaped;
    runtime::TaskGroup tasks{loop.get_executor(), [this](const std::string& name, const std::string& what) {
                                 escaped.push_back(name + what);
                             }};
    testing::HandClock clock;
    testing::ScriptedHosts hosts{[this](const HttpRequest& request) { return answer(request); }};
    testing::MemoryKeepsakes keepsakes{hosts};
    std::unique_ptr<Api> made;
};

TEST_F(AdobeApi, the_first_call_logs_in_and_asks_where_the_account_lives_once) {
    EXPECT_EQ(ask().status, 200);
    EXPECT_THAT(hosts.log,
                ElementsAre("POST https://api.adobesign.com/oauth/v2/refresh",
                            "GET https://api.adobesign.com/api/rest/v6/baseUris",
                            "keep adobe_sign/loans/access_point",
                            "GET https://api.eu1.adobesign.com/api/rest/v6/agreements/x"));
    EXPECT_EQ(hosts.requests[0].body,
              "grant_type=refresh_token&refresh_token=refresh-0&client_id=client&client_secret=the%2Bsecret");
    EXPECT_EQ(header(hosts.requests[0], "Content-Type"), "application/x-www-form-urlencoded");
    EXPECT_EQ(ask().status, 200);
    EXPECT_EQ(hosts.requests.size(), 4U) << "token and place are known";
    restart();
    EXPECT_EQ(ask().status, 200);
    EXPECT_EQ(hosts.asked("baseUris"), 1) << "the place is kept across restarts";
    EXPECT_EQ(hosts.log[5], "POST " + eu1 + "/oauth/v2/refresh");
}

TEST_F(AdobeApi, many_coroutines_share_one_login_and_one_discovery) {
    for (const Outcome& outcome : ask(50))
        EXPECT_EQ(outcome.status, 200);
    EXPECT_EQ(refreshes, 1);
    EXPECT_EQ(hosts.asked("baseUris"), 1);
    EXPECT_EQ(hosts.asked("/agreements/x"), 50);
    // All of them are refused at once: one new token, one replay each.
    good_token = "revoked";
    for (const Outcome& outcome : ask(50))
        EXPECT_EQ(outcome.status, 200);
    EXPECT_EQ(refreshes, 2);
    EXPECT_EQ(hosts.asked("/agreements/x"), 150);
    // And the account moves.
    access_point = "https://api.na2.adobesign.com/";
    base_uris = response(200, R"({"api_access_point ":" https://api.na2.adobesign.com/"})");
    clock.time += 1min;
    for (const Outcome& outcome : ask(50))
        EXPECT_EQ(outcome.status, 200);
    EXPECT_EQ(hosts.asked("baseUris"), 2);
    EXPECT_EQ(hosts.asked("/agreements/x"), 250);
    EXPECT_EQ(keepsakes.values["adobe_sign/loans/access_point"],
              "https://api.adobesign.com\nhttps://api.na2.adobesign.com");
}

TEST_F(AdobeApi, many_coroutines_share_one_failure) {
    known_place();
    refused = response(400, R"({"error":"invalid_grant","error_description":"refresh-0 of Canary"})");
    for (const Outcome& outcome : ask(20)) {
        ASSERT_TRUE(outcome.error);
        EXPECT_EQ(outcome.error->kind(), ErrorKind::unauthorized);
        EXPECT_EQ(outcome.error->code(), "adobe_login");
        EXPECT_THAT(outcome.error->what(), HasSubstr("INVALID_GRANT"));
        for (const char* canary : {"refresh-0", "Canary", "secret", "client", "adobesign.com"})
            EXPECT_THAT(outcome.error->what(), Not(HasSubstr(canary)));
    }
    EXPECT_EQ(hosts.requests.size(), 1U);
    clock.time += 9min;
    EXPECT_EQ(ask().error->retry_after(), 1min) << "not tried again before the rest is over";
    EXPECT_EQ(hosts.requests.size(), 1U);
    clock.time += 1min;
    refused.reset();
    EXPECT_EQ(ask().status, 200);
}

TEST_F(AdobeApi, a_token_is_refreshed_ahead_of_its_end) {
    known_place();
    EXPECT_EQ(ask().status, 200);
    clock.time += 53min;
    EXPECT_EQ(ask().status, 200);
    EXPECT_EQ(refreshes, 1);
    clock.time += 61s;
    EXPECT_EQ(ask().status, 200);
    EXPECT_EQ(refreshes, 2);
    // A login that fails ahead of time is no trouble yet.
    refused = response(503, "<html>");
    clock.time += 55min;
    EXPECT_EQ(ask().status, 200);
    EXPECT_EQ(ask().status, 200);
    EXPECT_EQ(hosts.asked("/oauth/"), 3) << "and is not tried at every call";
    clock.time += 5min;
    const Outcome late = ask();
    ASSERT_TRUE(late.error);
    EXPECT_EQ(late.error->kind(), ErrorKind::transient);
}

TEST_F(AdobeApi, a_refresh_is_paid_for_once_before_it_is_made) {
    known_place();
    for (const Outcome& outcome : ask(20))
        EXPECT_EQ(outcome.status, 200);
    EXPECT_EQ(paid, 1);
    affordable = paid;
    clock.time += 55min;
    EXPECT_EQ(ask().status, 200) << "the old token still serves";
    EXPECT_EQ(hosts.asked("/oauth/"), 1) << "nothing was asked that is not paid for";
    clock.time += 5min;
    for (const Outcome& outcome : ask(20))
        EXPECT_EQ(outcome.error.value().code(), "budget_spent");
    EXPECT_EQ(hosts.asked("/oauth/"), 1);
    affordable = 1'000;
    clock.time += 1min;
    EXPECT_EQ(ask().status, 200);
    EXPECT_EQ(paid, 2);
}

TEST_F(AdobeApi, a_new_refresh_token_is_kept_before_its_access_token_is_used) {
    known_place();
    rotates = true;
    EXPECT_EQ(ask().status, 200);
    EXPECT_THAT(
        hosts.log,
        ElementsAre(
            "POST " + eu1 + "/oauth/v2/refresh", "keep " + token_keepsake, "GET " + eu1 + "/api/rest/v6/agreements/x"));
    EXPECT_EQ(keepsakes.values[token_keepsake], crypto::sha256_hex("refresh-0") + "\nrefresh-1");
    restart();
    EXPECT_EQ(ask().status, 200) << "the token of the file is dead, the kept one is not";
    EXPECT_EQ(refreshes, 2);
}

TEST_F(AdobeApi, a_refresh_token_that_cannot_be_kept_is_not_lost_and_its_access_token_not_used) {
    known_place();
    rotates = true;
    keepsakes.broken = true;
    EXPECT_EQ(ask().error->code(), "store_io");
    EXPECT_EQ(hosts.asked("/agreements/"), 0);
    keepsakes.broken = false;
    EXPECT_EQ(ask().status, 200);
    EXPECT_EQ(keepsakes.values[token_keepsake], crypto::sha256_hex("refresh-0") + "\nrefresh-2");
}

TEST_F(AdobeApi, a_new_refresh_token_from_the_operator_counts_more_than_the_kept_one) {
    known_place();
    keepsakes.values[token_keepsake] = crypto::sha256_hex("an older file") + "\nstale";
    EXPECT_EQ(ask().status, 200);
    EXPECT_THAT(hosts.requests[0].body, HasSubstr("refresh_token=refresh-0&"));
}

TEST_F(AdobeApi, a_call_is_replayed_once_and_no_more) {
    known_place();
    EXPECT_EQ(ask().status, 200);
    hosts.log.clear();
    // Whatever token comes, it is refused.
    refused = response(200, R"({"access_token":"bad","expires_in":3600})");
    good_token = "unreachable";
    EXPECT_EQ(ask().status, 401);
    EXPECT_THAT(hosts.log,
                ElementsAre("GET " + eu1 + "/api/rest/v6/agreements/x",
                            "POST " + eu1 + "/oauth/v2/refresh",
                            "GET " + eu1 + "/api/rest/v6/agreements/x"));
    EXPECT_EQ(paid, 3) << "two refreshes and the replay; whoever calls has paid for the first";
}

TEST_F(AdobeApi, a_wrong_access_point_is_asked_for_once_in_the_polling_interval) {
    known_place();
    access_point = "https://nowhere.example/";
    const Outcome still = ask();
    EXPECT_EQ(still.status, 400) << "the same place again";
    EXPECT_EQ(hosts.asked("baseUris"), 1);
    EXPECT_EQ(hosts.asked("/agreements/x"), 2);
    EXPECT_EQ(paid, 3) << "the login, asking where it is, and the replay";
    clock.time += 5s;
    const Outcome soon = ask();
    ASSERT_TRUE(soon.error);
    EXPECT_EQ(soon.error->code(), "adobe_access_point");
    EXPECT_EQ(soon.error->retry_after(), 16s);
    EXPECT_EQ(hosts.asked("baseUris"), 1);
}

TEST_F(AdobeApi, a_token_is_shown_to_listed_hosts_alone) {
    for (const char* evil : {"https://api.eu1.adobesign.com.evil.example/",
                             "https://evil-adobesign.com/",
                             "https://user@api.eu1.adobesign.com/",
                             "http://api.eu1.adobesign.com/",
                             "https://api.eu1.adobesign.com:8443/",
                             "https://127.0.0.1/",
                             "https://api.eu1.adobesign.com/?x="}) {
        restart();
        keepsakes.values.clear();
        base_uris = response(200, R"({"apiAccessPoint":")" + std::string(evil) + "\"}");
        const Outcome outcome = ask();
        ASSERT_TRUE(outcome.error) << evil;
        EXPECT_EQ(outcome.error->code(), "url_refused") << evil;
    }
    for (const HttpRequest& request : hosts.requests)
        EXPECT_THAT(request.url.reveal(), StartsWith("https://api.adobesign.com/"));
    restart();
    keepsakes.values["adobe_sign/loans/access_point"] = "https://api.adobesign.com\nhttps://evil.example";
    base_uris = response(200, R"({"apiAccessPoint":"https://api.eu1.adobesign.com/"})");
    EXPECT_EQ(ask().status, 200) << "a kept place that is not allowed any more is asked for anew";
}

TEST_F(AdobeApi, the_older_spelling_of_base_uris_is_tried) {
    testing::ScriptedHosts old([this](const HttpRequest& request) {
        if (request.url.reveal().ends_with("/baseUris")) return response(404, R"({"code":"NOT_FOUND"})");
        if (request.url.reveal().ends_with("/base_uris"))
            return response(200, R"({"api_access_point":"https://api.eu1.adobesign.com"})");
        return answer(request);
    });
    ProviderContext context{old, clock, testing::pseudonymise()};
    context.keepsakes = &keepsakes;
    made = std::make_unique<Api>(settings(), context);
    EXPECT_EQ(ask().status, 200);
    EXPECT_EQ(old.asked("base_uris"), 1);
}

TEST_F(AdobeApi, an_integration_key_is_used_as_it_is_and_never_renewed) {
    Settings with_key = testing::settings();
    with_key.login.integration_key_file = directory.write("integration.key", " the-key \n").string();
    with_key.login.api_user = Sensitive{"email:robot@bank.example"};
    ProviderContext context{hosts, clock, testing::pseudonymise()};
    context.keepsakes = &keepsakes;
    made = std::make_unique<Api>(with_key, context);
    good_token = "the-key";
    EXPECT_EQ(ask().status, 200);
    EXPECT_EQ(header(hosts.requests.back(), "Authorization"), "Bearer the-key");
    EXPECT_EQ(header(hosts.requests.back(), "x-api-user"), "email:robot@bank.example");
    good_token = "another";
    EXPECT_EQ(ask().status, 401);
    EXPECT_EQ(hosts.asked("/oauth/"), 0);
    with_key.login.integration_key_file = directory.write("empty.key", "\n").string();
    EXPECT_EQ(testing::code_of([&] { Api(with_key, context); }), "credential_file");
}

}  // namespace
}  // namespace signwatch::adobe_sign
