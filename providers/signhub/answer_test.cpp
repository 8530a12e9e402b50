#include "providers/signhub/answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "providers/signhub/test_support.hpp"

namespace signwatch::signhub {
namespace {

using namespace std::chrono_literals;
using testing::fixture;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::response;
using testing::status_body;

class MemorySink final : public DocumentSink {
public:
    void write(std::span<const std::byte> bytes) override {
        text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    std::string text;
};

PollResult read(HttpResponse answer, Watch watch = testing::watch()) {
    return read_poll(std::move(answer), watch, watch.since + 1min, testing::rules(), Pace{}, testing::pseudonymise());
}

// What came of a download in pieces of `size` bytes: the Error, and what reached the store.
struct Downloaded {
    std::optional<Error> error;
    std::string stored;
};

Downloaded download(int status, const std::string& body, std::size_t size = 3) {
    MemorySink store;
    PdfSink sink(store);
    HttpResponse answer = response(status);
    if (status == 200) {
        for (std::size_t at = 0; at < body.size(); at += size)
            sink.write(std::as_bytes(std::span{body}).subspan(at, std::min(size, body.size() - at)));
    } else {
        answer.body = body;
    }
    auto error = testing::error_of([&] { check_download(answer, sink); });
    return {std::move(error), store.text};
}

TEST(SignhubAnswer, a_status_is_one_update) {
    Watch watch = testing::watch();
    watch.memory = {.errors = 2, .throttles = 3};
    watch.seen = "whatever";
    const PollResult result = read(response(200, fixture("finished.json"), {{"Content-Type", "text/html"}}), watch);
    EXPECT_EQ(result.verdict, PollVerdict::updated);
    ASSERT_EQ(result.updates.size(), 1U);
    EXPECT_EQ(result.updates[0].state, ProcessState::completed);
    EXPECT_EQ(result.updates[0].watch, 5);
    EXPECT_EQ(result.updates[0].raw, fixture("finished.json"));
    EXPECT_EQ(result.wait, 5min);
    EXPECT_FALSE(result.wait_for_account);
    EXPECT_EQ(result.memory.throttles, 0);
    EXPECT_FALSE(result.unreadable);
}

TEST(SignhubAnswer, an_unchanged_or_unknown_status_is_an_update_as_well) {
    Watch watch = testing::watch();
    watch.seen = read(response(200, fixture("running.json"))).updates.at(0).fingerprint;
    EXPECT_EQ(read(response(200, fixture("running.json")), watch).updates.at(0).fingerprint, watch.seen);
    const PollResult unknown = read(response(200, fixture("unknown.json")));
    EXPECT_EQ(unknown.verdict, PollVerdict::updated);
    EXPECT_EQ(unknown.updates.at(0).state, ProcessState::unknown);
    EXPECT_FALSE(unknown.updates.at(0).ends_watch);
    EXPECT_FALSE(unknown.updates.at(0).hold);
}

TEST(SignhubAnswer, a_success_that_cannot_be_believed_is_kept_masked) {
    HttpResponse cut = response(200, fixture("finished.json").substr(0, 300));
    cut.complete = false;
    const std::pair<HttpResponse, const char*> rows[] = {
        {cut, "body_cut"},
        {response(200, ""), "body_empty"},
        {response(204, ""), "body_empty"},
        {response(200, " \r\n"), "body_empty"},
        {response(200, "<html>Mehmet</html>"), "json_syntax"},
        {response(200, fixture("finished.json").substr(0, 300)), "json_syntax"},
        {response(200, R"({"result":null,"error":"Mehmet"})"), "signhub_error"},
        {response(200, R"({"result":{"isOk":false}})"), "signhub_error"},
        {response(200, R"({"result":{}})"), "json_field"},
        {response(200, R"({"flowId":7002,"status":4})"), "signhub_foreign_flow"},
    };
    for (const auto& [answer, code] : rows) {
        const PollResult result = read(answer);
        EXPECT_EQ(result.verdict, PollVerdict::unreadable) << code;
        EXPECT_TRUE(result.updates.empty());
        EXPECT_EQ(result.unreadable.value().code, code);
        EXPECT_THAT(result.unreadable->body, Not(HasSubstr("Mehmet")));
        EXPECT_THAT(result.unreadable->body, Not(HasSubstr("bank.example")));
        EXPECT_EQ(result.wait, 5min) << "looked at again in its turn";
    }
}

TEST(SignhubAnswer, a_429_holds_the_account) {
    PollResult result = read(response(429));
    EXPECT_EQ(result.verdict, PollVerdict::throttled);
    EXPECT_TRUE(result.wait_for_account);
    EXPECT_EQ(result.wait, 1min);
    Watch watch = testing::watch();
    watch.memory = result.memory;
    result = read(response(429), watch);
    EXPECT_EQ(result.wait, 2min);
    EXPECT_EQ(read(response(429, "", {{"retry-after", " 7 "}}), watch).wait, 7s);
    for (const char* nonsense : {"", "soon", "-7", "7.5", "Wed, 21 Oct 2026 07:28:00 GMT"})
        EXPECT_EQ(read(response(429, "", {{"Retry-After", nonsense}})).wait, 1min) << nonsense;
    EXPECT_EQ(read(response(429, "", {{"Retry-After", "99999999"}})).wait, 24h);
}

TEST(SignhubAnswer, failures_are_told_apart_by_their_status) {
    const std::pair<int, ErrorKind> rows[] = {{301, ErrorKind::permanent},
                                              {400, ErrorKind::permanent},
                                              {401, ErrorKind::unauthorized},
                                              {403, ErrorKind::unauthorized},
                                              {404, ErrorKind::permanent},
                                              {408, ErrorKind::transient},
                                              {425, ErrorKind::transient},
                                              {500, ErrorKind::transient},
                                              {503, ErrorKind::transient},
                                              {599, ErrorKind::transient}};
    for (const auto& [status, kind] : rows) {
        const int answered = status;
        const auto error = testing::error_of([&] { read(response(answered, "<html>Mehmet")); });
        EXPECT_EQ(error.value().kind(), kind) << status;
        EXPECT_EQ(error->code(), "http_" + std::to_string(status));
        EXPECT_THAT(error->what(), Not(HasSubstr("Mehmet")));
    }
    const std::string told = R"({"error":{"code":"FLOW_LOCKED","message":"Mehmet"}})";
    const Error error = error_for(response(503, told, {{"Retry-After", "30"}}));
    EXPECT_STREQ(error.what(), "the provider answered HTTP 503 (FLOW_LOCKED)");
    EXPECT_EQ(error.retry_after(), 30s);
    EXPECT_EQ(error_for(response(429)).kind(), ErrorKind::throttled);
}

TEST(SignhubAnswer, a_pdf_is_passed_on_whatever_it_is_cut_into) {
    const std::string document = "%PDF-1.7 and more";
    for (const std::size_t size : {1U, 2U, 4U, 5U, 6U, 100U}) {
        const Downloaded result = download(200, document, size);
        EXPECT_FALSE(result.error) << size;
        EXPECT_EQ(result.stored, document) << size;
    }
    EXPECT_EQ(download(200, "%PDF-").stored, "%PDF-");
}

TEST(SignhubAnswer, nothing_but_a_pdf_is_passed_on) {
    const std::tuple<std::string, const char*, ErrorKind> rows[] = {
        {"", "document_empty", ErrorKind::transient},
        {" \n", "document_empty", ErrorKind::transient},
        {"%PDF", "pdf_not_pdf", ErrorKind::integrity},
        {"PK\x03\x04", "pdf_not_pdf", ErrorKind::integrity},
        {" %PDF-1.7", "pdf_not_pdf", ErrorKind::integrity},
        {"<!DOCTYPE html>", "document_html", ErrorKind::integrity},
        {R"({"result":null,"error":"Mehmet"})", "signhub_error", ErrorKind::integrity},
        {"\xEF\xBB\xBF{\"error\":{\"code\":\"LATER\"}}", "signhub_error", ErrorKind::integrity},
        {std::string(100'000, 'x'), "pdf_not_pdf", ErrorKind::integrity},
    };
    for (const auto& [body, code, kind] : rows) {
        const Downloaded result = download(200, body, 1'000);
        EXPECT_EQ(result.error.value().code(), code);
        EXPECT_EQ(result.error->kind(), kind) << code;
        EXPECT_THAT(result.error->what(), Not(HasSubstr("Mehmet")));
        EXPECT_EQ(result.stored, "");
    }
}

TEST(SignhubAnswer, a_document_that_is_not_there_yet_is_tried_again_and_counted) {
    for (const int status : {400, 404, 409}) {
        const auto error = download(status, R"({"result":null,"error":"simulated: flow not found"})").error;
        EXPECT_EQ(error.value().code(), "signhub_not_ready") << status;
        EXPECT_EQ(error->kind(), ErrorKind::integrity);
        EXPECT_EQ(error->retry_after(), 1min);
    }
    EXPECT_EQ(download(401, "").error.value().kind(), ErrorKind::unauthorized);
    EXPECT_EQ(download(410, "").error.value().kind(), ErrorKind::permanent);
    EXPECT_EQ(download(429, "").error.value().kind(), ErrorKind::throttled);
    EXPECT_EQ(download(502, "").error.value().kind(), ErrorKind::transient);
    EXPECT_EQ(download(204, "").error.value().code(), "document_empty");
}

TEST(SignhubAnswer, an_inspection_is_one_word) {
    EXPECT_EQ(read_inspection(response(200, R"({"summary":"ALL_VALID"})")), "ALL_VALID");
    EXPECT_EQ(read_inspection(response(200, "<html>10000000146")), "unreadable");
    HttpResponse cut = response(200, R"({"summary":"ALL_VALID"})");
    cut.complete = false;
    EXPECT_EQ(read_inspection(cut), "unreadable");
    EXPECT_EQ(testing::code_of([] { read_inspection(response(500)); }), "http_500");
}

}  // namespace
}  // namespace signwatch::signhub
