#include "providers/posten/answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "providers/posten/test_support.hpp"

namespace signwatch::posten {
namespace {

using namespace std::chrono_literals;
using testing::fixture;
using testing::portal_body;

const Arrival arrival{*parse_iso8601("2026-03-04T10:00:00Z"), 0};
constexpr const char* permitted = "X-Next-permitted-poll-time";

HttpResponse response(int status, std::vector<HttpHeader> headers = {}, std::string body = {}) {
    HttpResponse response;
    response.status = status;
    response.headers = std::move(headers);
    response.body = std::move(body);
    return response;
}

Watch watch() {
    Watch watch;
    watch.id = 9;
    watch.key = {"acme", WatchKind::queue, "portal"};
    return watch;
}

PollResult read(HttpResponse answer) {
    return read_poll(std::move(answer), arrival, watch(), testing::settings(), testing::pseudonymise());
}

Error error_of(HttpResponse answer) {
    try {
        read(std::move(answer));
    } catch (const Error& error) {
        return error;
    }
    return Error(ErrorKind::cancelled, "", "no error");
}

TEST(PollAnswer, an_update_is_given_with_its_body) {
    const std::string body = portal_body("COMPLETED_SUCCESSFULLY", "SIGNED");
    const PollResult result = read(response(200, {{permitted, "2026-03-04T09:59:59.999Z"}}, body));
    EXPECT_EQ(result.verdict, PollVerdict::updated);
    ASSERT_EQ(result.updates.size(), 1U);
    EXPECT_EQ(result.updates[0].raw, body);
    EXPECT_EQ(result.updates[0].account, "acme");
    EXPECT_EQ(result.updates[0].watch, 9);
    EXPECT_EQ(result.wait, 0s);
    EXPECT_FALSE(result.unreadable);
    EXPECT_EQ(read(response(201, {}, body)).verdict, PollVerdict::updated);
}

TEST(PollAnswer, an_update_survives_whatever_is_wrong_with_the_headers) {
    for (const char* header : {"", "soon", "2026-03-04T10:10:00", "2999-01-01T00:00:00Z", "1970-01-01T00:00:00Z"}) {
        const PollResult result = read(response(200,
                                                {{permitted, header}, {"Date", "?"}, {"Content-Type", "text/plain"}},
                                                portal_body("FAILED", "EXPIRED")));
        EXPECT_EQ(result.verdict, PollVerdict::updated);
        EXPECT_EQ(result.updates.size(), 1U);
    }
    EXPECT_TRUE(read(response(200, {}, portal_body("FAILED", "EXPIRED"))).permitted_time_missing);
    EXPECT_TRUE(read(response(200, {{permitted, "2999-01-01T00:00:00Z"}}, portal_body("FAILED", "EXPIRED")))
                    .permitted_time_capped);
}

TEST(PollAnswer, exactly_204_is_an_empty_queue) {
    const PollResult result = read(response(204, {{permitted, "2026-03-04T10:10:00Z"}}));
    EXPECT_EQ(result.verdict, PollVerdict::empty);
    EXPECT_EQ(result.wait, 10min + 250ms);
    EXPECT_FALSE(result.wait_for_account);
}

TEST(PollAnswer, a_throttle_concerns_the_whole_account) {
    const PollResult gate = read(response(429, {{permitted, "2026-03-04T10:00:10Z"}}));
    EXPECT_EQ(gate.verdict, PollVerdict::throttled);
    EXPECT_EQ(gate.wait, 11s);
    EXPECT_TRUE(gate.wait_for_account);
    const PollResult filter = read(response(429, {{"DoSFilter", "unavailable"}}));
    EXPECT_EQ(filter.wait, 30s + 250ms);
    EXPECT_TRUE(filter.permitted_time_missing);
    EXPECT_EQ(filter.memory.throttles, 1);
}

TEST(PollAnswer, what_cannot_be_read_is_kept_and_the_permitted_time_honoured) {
    struct Row {
        std::string body;
        const char* code;
    };
    const Row rows[] = {{"", "body_empty"},
                        {"<!DOCTYPE html><html>Sign in</html>", "xml_doctype"},
                        {"<html>Sign in</html>", "xml_root"},
                        {"<error xmlns=\"http://signering.posten.no/schema/v1\"/>", "error_body"},
                        {"oops", "xml_malformed"}};
    for (const Row& row : rows) {
        const PollResult result = read(response(200, {{permitted, "2026-03-04T10:00:05Z"}}, row.body));
        EXPECT_EQ(result.verdict, PollVerdict::unreadable);
        ASSERT_TRUE(result.unreadable);
        EXPECT_EQ(result.unreadable->code, row.code);
        EXPECT_EQ(result.unreadable->body, row.body);
        EXPECT_TRUE(result.updates.empty());
        EXPECT_EQ(result.wait, 5s);
        EXPECT_EQ(read(response(200, {{permitted, "2026-03-04T10:00:00Z"}}, row.body)).wait, 1s);
    }
}

TEST(PollAnswer, a_cut_body_is_no_update_even_if_it_looks_whole) {
    HttpResponse cut = response(200, {{permitted, "2026-03-04T10:00:05Z"}}, portal_body("FAILED", "EXPIRED"));
    cut.complete = false;
    const PollResult result = read(std::move(cut));
    EXPECT_EQ(result.verdict, PollVerdict::unreadable);
    EXPECT_EQ(result.unreadable->code, "body_cut");
    EXPECT_EQ(result.wait, 5s);
}

TEST(PollAnswer, a_refused_organisation_is_known_by_its_code_whatever_the_status) {
    for (const int status : {200, 400, 401, 403, 404, 429, 500, 503}) {
        const Error broker = error_of(response(status, {}, fixture("error-broker.xml")));
        EXPECT_EQ(broker.kind(), ErrorKind::unauthorized) << status;
        EXPECT_EQ(broker.code(), "broker_not_authorized");
    }
    const std::string body = testing::replaced(fixture("error-broker.xml"), "BROKER_NOT", "NOT");
    EXPECT_EQ(error_of(response(400, {}, body)).code(), "not_authorized");
}

TEST(PollAnswer, other_failures_are_classified_by_status) {
    const std::pair<int, ErrorKind> rows[] = {{301, ErrorKind::permanent},
                                              {302, ErrorKind::permanent},
                                              {400, ErrorKind::permanent},
                                              {401, ErrorKind::unauthorized},
                                              {403, ErrorKind::unauthorized},
                                              {404, ErrorKind::permanent},
                                              {408, ErrorKind::transient},
                                              {410, ErrorKind::permanent},
                                              {500, ErrorKind::transient},
                                              {502, ErrorKind::transient},
                                              {503, ErrorKind::transient},
                                              {504, ErrorKind::transient}};
    for (const auto& [status, kind] : rows) {
        for (const char* body : {"", "<html>sorry</html>", "\x1f\x8b binary"}) {
            const Error error = error_of(response(status, {}, body));
            EXPECT_EQ(error.kind(), kind) << status;
            EXPECT_EQ(error.code(), "http_" + std::to_string(status));
        }
    }
    EXPECT_EQ(error_of(response(503, {{permitted, "2026-03-04T10:00:20Z"}})).retry_after(), 20s);
    EXPECT_FALSE(error_of(response(503)).retry_after());
}

TEST(PollAnswer, no_text_of_a_foreign_body_gets_into_an_error) {
    EXPECT_STREQ(error_of(response(400, {}, fixture("error-broker.xml"))).what(),
                 "the provider answered HTTP 400 (BROKER_NOT_AUTHORIZED)");
    const std::string body =
        testing::replaced(fixture("error-broker.xml"), "BROKER_NOT_AUTHORIZED", "a@example.invalid 01010100001");
    const Error error = error_of(response(400, {}, body));
    EXPECT_STREQ(error.what(), "the provider answered HTTP 400");
    EXPECT_EQ(error.code(), "http_400");
}

template <typename Action>
Error thrown_by(Action action) {
    try {
        action();
    } catch (const Error& error) {
        return error;
    }
    return Error(ErrorKind::cancelled, "", "no error");
}

TEST(ConfirmationAnswer, any_success_is_done_and_gone_is_gone) {
    for (const int status : {200, 201, 202, 204}) {
        EXPECT_EQ(read_confirmation(response(status), arrival, {}), AcknowledgeOutcome::done);
    }
    for (const int status : {404, 409, 410}) {
        EXPECT_EQ(read_confirmation(response(status), arrival, {}), AcknowledgeOutcome::gone);
        const Error refused =
            thrown_by([&] { read_confirmation(response(status, {}, fixture("error-broker.xml")), arrival, {}); });
        EXPECT_EQ(refused.kind(), ErrorKind::unauthorized);
    }
}

TEST(ConfirmationAnswer, failures_are_classified) {
    const auto kind = [](int status) {
        return thrown_by([&] { read_confirmation(response(status), arrival, {}); }).kind();
    };
    EXPECT_EQ(kind(302), ErrorKind::permanent);
    EXPECT_EQ(kind(400), ErrorKind::permanent);
    EXPECT_EQ(kind(401), ErrorKind::unauthorized);
    EXPECT_EQ(kind(403), ErrorKind::unauthorized);
    EXPECT_EQ(kind(500), ErrorKind::transient);
    const Error filter = thrown_by([&] {
        read_confirmation(response(429, {{"DoSFilter", "unavailable"}}), arrival, {});
    });
    EXPECT_EQ(filter.kind(), ErrorKind::throttled);
    EXPECT_EQ(filter.retry_after(), 30s + 250ms);
    const Error timed = thrown_by([&] {
        read_confirmation(response(429, {{permitted, "2026-03-04T10:00:05Z"}}), arrival, {});
    });
    EXPECT_EQ(timed.retry_after(), 6s);
}

TEST(DownloadAnswer, only_bytes_with_status_200_are_a_document) {
    const auto code = [](const HttpResponse& answer, std::uint64_t received) {
        return thrown_by([&] { check_download(answer, received, arrival, {}); }).code();
    };
    EXPECT_EQ(code(response(200, {{"Content-Type", "application/octet-stream"}}), 100), "");
    EXPECT_EQ(code(response(200), 1), "");
    EXPECT_EQ(code(response(200), 0), "document_empty");
    EXPECT_EQ(code(response(202, {}, "later"), 0), "document_empty");
    EXPECT_EQ(code(response(204), 0), "document_empty");
    EXPECT_EQ(code(response(200, {{"content-type", "Text/HTML; charset=utf-8"}}), 100), "document_html");
    EXPECT_EQ(code(response(404), 0), "document_gone");
    EXPECT_EQ(code(response(410), 0), "document_gone");
    EXPECT_EQ(code(response(404, {}, fixture("error-broker.xml")), 0), "broker_not_authorized");
    EXPECT_EQ(code(response(302), 0), "http_302");
    EXPECT_EQ(code(response(503), 0), "http_503");
    EXPECT_EQ(thrown_by([&] { check_download(response(403), 0, arrival, {}); }).kind(), ErrorKind::unauthorized);
    EXPECT_EQ(thrown_by([&] { check_download(response(200), 0, arrival, {}); }).kind(), ErrorKind::integrity);
    EXPECT_EQ(thrown_by([&] { check_download(response(429), 0, arrival, {}); }).retry_after(), 30s + 250ms);
}

}  // namespace
}  // namespace signwatch::posten
