#include "providers/adobe_sign/answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "providers/adobe_sign/asked_lately.hpp"
#include "providers/adobe_sign/pace.hpp"
#include "providers/adobe_sign/test_support.hpp"
#include "providers/adobe_sign/throttling.hpp"

namespace signwatch::adobe_sign {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::response;

const WallTime now = *parse_iso8601("2026-05-11T10:00:00Z");

std::string with_code(const std::string& code) {
    return R"({"code":")" + code + R"(","message":"Ingrid Canary at https://secure.example/x?token=1"})";
}

TEST(AdobeErrors, each_answer_has_its_kind) {
    struct Case {
        int status;
        std::string body;
        ErrorKind kind;
        const char* code;
    };
    const Case cases[] = {{400, with_code("INVALID_ARGUMENTS"), ErrorKind::permanent, "http_400"},
                          {400, with_code("INVALID_X_API_USER_HEADER"), ErrorKind::unauthorized, "http_400"},
                          {400, with_code("INVALID_API_ACCESS_POINT"), ErrorKind::transient, "adobe_access_point"},
                          {404, with_code("INVALID_API_ACCESS_POINT"), ErrorKind::transient, "adobe_access_point"},
                          {401, with_code("INVALID_ACCESS_TOKEN"), ErrorKind::unauthorized, "http_401"},
                          {401, "<html>", ErrorKind::unauthorized, "http_401"},
                          {403, with_code("API_TERMS_NOT_ACCEPTED"), ErrorKind::unauthorized, "http_403"},
                          {404, with_code("PERMISSION_DENIED"), ErrorKind::permanent, "process_unknown"},
                          {404, with_code("INVALID_AGREEMENT_ID"), ErrorKind::permanent, "process_unknown"},
                          {404, with_code("DOCUMENT_NOT_YET_AVAILABLE"), ErrorKind::transient, "adobe_not_ready"},
                          {404, with_code("SOMETHING"), ErrorKind::integrity, "adobe_not_found"},
                          {404, "<html>Not found</html>", ErrorKind::integrity, "adobe_not_found"},
                          {408, "", ErrorKind::transient, "http_408"},
                          {412, with_code("RESOURCE_MODIFIED"), ErrorKind::permanent, "http_412"},
                          {429, with_code("THROTTLING_TOO_MANY_REQUESTS"), ErrorKind::throttled, "http_429"},
                          {500, with_code("MISC_SERVER_ERROR"), ErrorKind::transient, "http_500"},
                          {503, "<html>Ingrid Canary</html>", ErrorKind::transient, "http_503"}};
    for (const Case& each : cases) {
        const Error error = error_for(response(each.status, each.body), now);
        EXPECT_EQ(error.kind(), each.kind) << each.status << each.body;
        EXPECT_EQ(error.code(), each.code) << each.status << each.body;
        for (const char* canary : {"Ingrid", "Canary", "token=", "https"})
            EXPECT_THAT(error.what(), Not(HasSubstr(canary)));
    }
    EXPECT_EQ(error_for(response(404, with_code("X")), now).retry_after(), 2h);
    EXPECT_EQ(error_for(response(429), now).retry_after(), 60s);
}

TEST(AdobeErrors, the_samples_of_the_notes_have_their_kinds) {
    for (const auto& path : testing::samples("error.")) {
        const std::string name = path.filename().string();
        const Error error = error_for(response(std::stoi(name.substr(6, 3)), testing::read_text(path)), now);
        EXPECT_EQ(error.kind() == ErrorKind::unauthorized,
                  name.starts_with("error.401") || name.starts_with("error.403"))
            << name;
        EXPECT_EQ(error.kind() == ErrorKind::throttled, name.starts_with("error.429")) << name;
        EXPECT_THAT(error.what(), Not(HasSubstr("simulated"))) << name;
    }
}

TEST(AdobeThrottling, the_longest_of_all_that_is_told_counts) {
    const auto wait = [](std::string body, std::vector<HttpHeader> headers) {
        return told_wait(response(429, std::move(body), std::move(headers)), now);
    };
    EXPECT_EQ(wait(R"({"retryAfter":42})", {{"Retry-After", "90"}}), 90s);
    EXPECT_EQ(wait(R"({"retryAfter":"90"})", {{"Retry-After", "42"}}), 90s);
    EXPECT_EQ(wait("", {{"retryafter", "7"}}), 7s);
    EXPECT_EQ(wait("<html>", {{"Retry-After", "Mon, 11 May 2026 10:05:00 GMT"}}), 300s);
    EXPECT_EQ(wait("", {{"Retry-After", "Mon, 11 May 2026 09:00:00 GMT"}}), 1s) << "a moment that has passed";
    EXPECT_EQ(wait("", {{"Retry-After", "0"}}), 1s);
    EXPECT_EQ(wait("", {{"Retry-After", "99999999999999999999999"}}), 24h);
    EXPECT_EQ(wait(R"({"retryAfter":99999999})", {}), 24h);
    for (const char* nothing : {"", "soon", "-5", "1.5"})
        EXPECT_EQ(wait("{}", {{"Retry-After", nothing}}), std::nullopt) << nothing;
    EXPECT_EQ(untold_wait(0), 2s);
    EXPECT_EQ(untold_wait(1), 4s);
    EXPECT_EQ(untold_wait(5), 60s);
    EXPECT_EQ(untold_wait(1'000), 60s);
}

TEST(AdobeThrottling, a_429_holds_the_account) {
    PollMemory memory;
    memory.throttles = 2;
    const auto told = throttled(response(429, "", {{"Retry-After", "30"}}), now, memory);
    ASSERT_TRUE(told);
    EXPECT_EQ(told->verdict, PollVerdict::throttled);
    EXPECT_EQ(told->wait, 30s);
    EXPECT_TRUE(told->wait_for_account);
    EXPECT_FALSE(told->permitted_time_missing);
    EXPECT_FALSE(told->bookmark) << "what the watch remembers stays";
    const auto untold = throttled(response(429), now, memory);
    EXPECT_EQ(untold->wait, 8s);
    EXPECT_TRUE(untold->permitted_time_missing);
    EXPECT_EQ(untold->memory.throttles, 3);
    EXPECT_FALSE(throttled(response(503), now, memory));
}

TEST(AdobeAnswers, an_etag_is_kept_as_it_came) {
    const auto etag = [](const std::string& value) { return etag_of(response(200, "", {{"etag", value}})); };
    EXPECT_EQ(etag("D27e52"), "D27e52");
    EXPECT_EQ(etag("\"D27e52\""), "\"D27e52\"");
    EXPECT_EQ(etag("W/\"x\""), "W/\"x\"");
    EXPECT_EQ(etag("a\r\nX-Evil: 1"), "");
    EXPECT_EQ(etag(std::string(2'000, 'x')), "");
    EXPECT_EQ(etag_of(response(200)), "");
}

std::string sunk(std::vector<std::string> pieces, std::string& code) {
    struct Sink final : DocumentSink {
        void write(std::span<const std::byte> bytes) override {
            text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        }
        std::string text;
    } sink;
    PdfSink pdf(sink);
    for (const std::string& piece : pieces)
        pdf.write(std::as_bytes(std::span{piece}));
    code = testing::code_of([&] { pdf.check(); });
    return sink.text;
}

TEST(AdobeAnswers, a_document_is_told_by_its_bytes) {
    std::string code;
    EXPECT_EQ(sunk({"%P", "DF-1.7 rest", " and more"}, code), "%PDF-1.7 rest and more");
    EXPECT_EQ(code, "");
    const std::string late = std::string(1'000, '\n') + "%PDF-1.7" + std::string(5'000, 'x');
    EXPECT_EQ(sunk({late.substr(0, 700), late.substr(700)}, code), late);
    EXPECT_EQ(code, "");
    EXPECT_EQ(sunk({}, code), "");
    EXPECT_EQ(code, "document_empty");
    EXPECT_EQ(sunk({"<html>%PD"}, code), "");
    EXPECT_EQ(code, "document_html");
    EXPECT_EQ(sunk({std::string(3'000, 'x'), "%PDF-1.7"}, code), "") << "too late to be one";
    EXPECT_EQ(code, "pdf_not_pdf");
}

TEST(AdobePace, older_agreements_are_looked_at_less_often) {
    Watch watch = testing::watch();
    const auto wait = [&](milliseconds age, const char* tier, bool hooks = false, bool draft = false) {
        return wait_of(watch, watch.since + age, {pace_of_tier(tier), hooks}, draft);
    };
    const std::pair<milliseconds, milliseconds> enterprise[] = {
        {0min, 60s}, {59min, 60s}, {1h, 5min}, {24h, 30min}, {24h * 7, 2h}, {24h * 30, 6h}};
    for (const auto& [age, expected] : enterprise) {
        EXPECT_EQ(wait(age, "enterprise"), expected);
        EXPECT_EQ(wait(age, "global"), expected);
        EXPECT_EQ(wait(age, "enterprise", true), expected * 6);
        EXPECT_EQ(wait(age, "enterprise", false, true), std::max<milliseconds>(expected, 1h));
    }
    EXPECT_EQ(wait(0min, "other"), 10min + 10s);
    EXPECT_EQ(wait(2h, "other"), 15min);
    EXPECT_EQ(wait(48h, "other"), 30min);
    watch.interval = 1s;
    EXPECT_EQ(wait(48h, "other"), 10min + 10s) << "whatever was asked for at registration";
    watch.interval = 3h;
    EXPECT_EQ(wait(0min, "other", true), 3h);
}

TEST(AdobeAskedLately, nothing_is_asked_twice_within_the_gap) {
    AskedLately asked(21s);
    asked.note("/a", now);
    asked.note("/b", now + 1s);
    const auto early = testing::error_of([&] { asked.note("/a", now + 20s); });
    ASSERT_TRUE(early);
    EXPECT_EQ(early->code(), "adobe_asked_lately");
    EXPECT_EQ(early->kind(), ErrorKind::transient);
    EXPECT_EQ(early->retry_after(), 1s);
    asked.note("/a", now + 21s);
    EXPECT_EQ(testing::code_of([&] { asked.note("/a", now + 41s); }), "adobe_asked_lately");
    for (int i = 0; i < 10'000; ++i)
        asked.note("/" + std::to_string(i), now + i * 1s);
    EXPECT_LT(asked.size(), 50U) << "what is long ago is forgotten";
}

}  // namespace
}  // namespace signwatch::adobe_sign
