#include "providers/arqsign/answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/domain/error.hpp"
#include "providers/arqsign/test_support.hpp"
#include "providers/arqsign/throttling.hpp"

namespace signwatch::arqsign {
namespace {

using namespace std::chrono_literals;
using testing::code_of;

const WallTime now = *parse_iso8601("2026-03-04T10:00:00Z");
constexpr const char* quota =
    R"({"statusCode":403,"message":"Out of call volume quota. Quota will be replenished in 05:12:33."})";

HttpResponse response(int status, std::string body = {}, std::vector<HttpHeader> headers = {}) {
    HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    response.headers = std::move(headers);
    return response;
}

Watch watch(PollMemory memory = {}) {
    Watch watch;
    watch.id = 7;
    watch.key = {"acme", WatchKind::process, testing::process_id};
    watch.memory = memory;
    return watch;
}

PollResult poll(HttpResponse answer, const Watch& of = watch()) {
    return read_poll(std::move(answer), now, of, testing::settings());
}

std::string code_of_poll(int status, const std::string& body = "") {
    return code_of([&] { poll(response(status, body)); });
}

ErrorKind kind_of(HttpResponse answer) {
    return error_for(answer, now).kind();
}

TEST(ArqSignAnswer, any_success_with_a_status_is_an_update) {
    for (const int status : {200, 201, 206}) {
        const std::string body = R"({"Status":"Em processo"})";
        const PollResult result = poll(response(status, body), watch({3, 4, 0}));
        EXPECT_EQ(result.verdict, PollVerdict::updated);
        ASSERT_EQ(result.updates.size(), 1U);
        EXPECT_EQ(result.updates[0].state, ProcessState::in_progress);
        EXPECT_EQ(result.updates[0].raw, body);
        EXPECT_EQ(result.updates[0].watch, 7);
        EXPECT_EQ(result.wait, 24h);
        EXPECT_EQ(result.memory, PollMemory{});
        EXPECT_FALSE(result.wait_for_account);
        EXPECT_FALSE(result.permitted_time_missing);
    }
}

TEST(ArqSignAnswer, the_interval_of_the_process_comes_first) {
    Watch hourly = watch();
    hourly.interval = 1h;
    EXPECT_EQ(poll(response(200, R"({"idStatus":2})"), hourly).wait, 1h);
}

TEST(ArqSignAnswer, a_deleted_process_is_news) {
    for (const char* body : {"\"Documento excluído.\"", "Processo excluído.", R"({"message":"DOCUMENTO EXCLUIDO"})"}) {
        const PollResult result = poll(response(400, body));
        EXPECT_EQ(result.verdict, PollVerdict::updated);
        EXPECT_EQ(result.updates.at(0).provider_status, "excluido");
        EXPECT_TRUE(result.updates.at(0).ends_watch);
        EXPECT_EQ(result.updates.at(0).raw, body);
    }
}

TEST(ArqSignAnswer, refusals_are_classified) {
    EXPECT_EQ(code_of_poll(400, "\"O(s) id(s) listado(s) não existe(m): idProcesso.\""), "process_unknown");
    EXPECT_EQ(code_of_poll(400, "\"O(s) item(ns) listado(s) está(ão) com o formato incorreto: idProcesso.\""),
              "http_400");
    EXPECT_EQ(code_of_poll(400), "http_400");
    EXPECT_EQ(code_of_poll(404, "\"Documento excluído.\""), "http_404");
    EXPECT_EQ(code_of_poll(302), "http_302");
    EXPECT_EQ(kind_of(response(400)), ErrorKind::permanent);
    EXPECT_EQ(kind_of(response(400, "\"O(s) id(s) listado(s) não existe(m): x\"")), ErrorKind::permanent);
    EXPECT_EQ(kind_of(response(401, "\"Acesso não autorizado.\"")), ErrorKind::unauthorized);
    EXPECT_EQ(kind_of(response(403)), ErrorKind::unauthorized);
    EXPECT_EQ(kind_of(response(403, "\"Acesso não autorizado.\"")), ErrorKind::unauthorized);
    EXPECT_EQ(kind_of(response(404, "\"Método não encontrado.\"")), ErrorKind::permanent);
    EXPECT_EQ(kind_of(response(422, "\"Documento concluído.\"")), ErrorKind::permanent);
    EXPECT_EQ(kind_of(response(500)), ErrorKind::transient);
    EXPECT_EQ(kind_of(response(502, "<html>")), ErrorKind::transient);
    EXPECT_EQ(std::string(error_for(response(400, "\"segredo\""), now).what()).find("segredo"), std::string::npos);
}

TEST(ArqSignAnswer, too_many_calls_concern_the_account) {
    const PollResult told = poll(response(429, "", {{"retry-after", "12"}}));
    EXPECT_EQ(told.verdict, PollVerdict::throttled);
    EXPECT_EQ(told.wait, 12s);
    EXPECT_TRUE(told.wait_for_account);
    EXPECT_FALSE(told.permitted_time_missing);
    EXPECT_EQ(told.memory.throttles, 1);
    const PollResult untold = poll(response(429));
    EXPECT_EQ(untold.wait, 60s);
    EXPECT_TRUE(untold.permitted_time_missing);
    EXPECT_EQ(poll(response(429), watch({0, 3, 0})).wait, 8min);
    EXPECT_EQ(poll(response(429), watch({0, 1'000, 0})).wait, 1h);
    EXPECT_EQ(poll(response(403, quota)).wait, 5h + 12min + 33s);
    EXPECT_EQ(poll(response(403, "", {{"Retry-After", "7200"}})).wait, 2h);
}

TEST(ArqSignAnswer, errors_of_other_calls_say_how_long) {
    EXPECT_EQ(kind_of(response(403, quota)), ErrorKind::throttled);
    EXPECT_EQ(error_for(response(429), now).retry_after(), 60s);
    EXPECT_EQ(error_for(response(429, "", {{"Retry-After", "5"}}), now).retry_after(), 5s);
    EXPECT_EQ(error_for(response(429), now).code(), "http_429");
    EXPECT_EQ(error_for(response(500), now).retry_after(), std::nullopt);
}

TEST(ArqSignThrottling, the_wait_is_read_in_every_form) {
    const auto header = [](const char* value) { return told_wait(response(429, "", {{"Retry-After", value}}), now); };
    const auto body = [](const char* text) { return told_wait(response(429, text), now); };
    EXPECT_EQ(header("90"), 90s);
    EXPECT_EQ(header("0"), 1s);
    EXPECT_EQ(header("999999999999"), 24h);
    EXPECT_EQ(header("Wed, 04 Mar 2026 10:00:30 GMT"), 30s);
    EXPECT_EQ(header("Wed, 04 Mar 2026 09:00:00 GMT"), 1s);
    EXPECT_EQ(header("Fri, 04 Mar 2033 09:00:00 GMT"), 24h);
    for (const char* value : {"", "-1", "soon", "1.5"})
        EXPECT_EQ(header(value), std::nullopt) << value;
    EXPECT_EQ(body(R"({"statusCode":429,"message":"Rate limit is exceeded. Try again in 12 seconds."})"), 12s);
    EXPECT_EQ(body(R"("Try again in 1 second.")"), 1s);
    EXPECT_EQ(body("Quota will be replenished in 2.05:12:33."), 24h);
    for (const char* text :
         {"", "Try again in a while", "in", " in ", "x in 12", "in 1:2:3", "x in 99999999999999999999 seconds"})
        EXPECT_EQ(body(text), std::nullopt) << text;
}

TEST(ArqSignAnswer, a_success_that_cannot_be_read_is_kept) {
    const std::pair<const char*, const char*> bodies[] = {{"", "json_syntax"},
                                                          {"<html>", "json_syntax"},
                                                          {"{}", "arqsign_shape"},
                                                          {R"({"status":"a","STATUS":"b"})", "json_duplicate_name"}};
    for (const auto& [body, code] : bodies) {
        const PollResult result = poll(response(200, body), watch({2, 0, 0}));
        EXPECT_EQ(result.verdict, PollVerdict::unreadable);
        EXPECT_EQ(result.unreadable->code, code);
        EXPECT_EQ(result.unreadable->body, body);
        EXPECT_EQ(result.wait, 4h);
        EXPECT_EQ(result.memory.errors, 3);
    }
    EXPECT_EQ(poll(response(200, ""), watch({90, 0, 0})).wait, 24h);
    HttpResponse cut = response(200, "{\"st");
    cut.complete = false;
    EXPECT_EQ(code_of([&] { poll(cut); }), "body_cut");
}

TEST(ArqSignAnswer, a_link_that_leads_nowhere_is_no_refusal_of_ours) {
    for (const int status : {401, 403, 404, 410})
        EXPECT_EQ(code_of([&] { check_download(response(status), 0, now); }), "document_gone") << status;
    EXPECT_EQ(code_of([&] { check_download(response(503), 0, now); }), "http_503");
    EXPECT_EQ(code_of([&] { check_download(response(302), 0, now); }), "http_302");
    EXPECT_EQ(code_of([&] { check_download(response(200), 0, now); }), "document_empty");
    EXPECT_EQ(code_of([&] {
                  check_download(response(200, "", {{"Content-Type", "Text/HTML"}}), 9, now);
              }),
              "document_html");
    EXPECT_EQ(code_of([&] { check_download(response(200), 9, now); }), "");
}

}  // namespace
}  // namespace signwatch::arqsign
