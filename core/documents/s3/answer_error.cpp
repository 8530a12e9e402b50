#include "core/documents/s3/answer_error.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include "core/documents/s3/answer_xml.hpp"

namespace signwatch::s3 {
namespace {

using std::chrono::seconds;

constexpr seconds longest_wait{300};

Error transient(const char* code, const std::string& what) {
    return Error(ErrorKind::transient, code, "S3: " + what);
}

milliseconds retry_after(const HttpResponse& response) {
    const std::string_view text = response.header("Retry-After").value_or("");
    std::int64_t wait = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), wait);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || wait < 0) return milliseconds{0};
    return std::min(seconds{wait}, longest_wait);
}

bool is_one_of(std::string_view code, std::initializer_list<std::string_view> codes) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

Refusal judge(int status, std::string_view code, const std::string& answer) {
    if (status == 429 || is_one_of(code, {"SlowDown", "TooManyRequests", "ServiceUnavailable"}) || status == 503) {
        return {transient("s3_slow_down", answer + ": the server asks for fewer calls"), true};
    }
    const bool passing = is_one_of(
        code, {"InternalError", "RequestTimeout", "IncompleteBody", "OperationAborted", "ConditionalRequestConflict"});
    if (status >= 500 || status == 408 || status == 409 || passing) {
        return {transient("s3_unavailable", answer), status != 501};
    }
    if (is_one_of(code, {"BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch"})) {
        return {transient("s3_checksum", answer + ": other bytes arrived than were sent"), true};
    }
    if (code == "RequestTimeTooSkewed") {
        return {transient("s3_clock", answer + ": the clocks of this machine and of the server disagree"), false};
    }
    if (code == "NoSuchBucket") return {transient("s3_bucket", answer + ": there is no such bucket"), false};
    if (status >= 300 && status < 400) {
        return {transient("s3_redirect", answer + ": the bucket is elsewhere; correct endpoint and region"), false};
    }
    if (status == 401 || status == 403) {
        return {transient("s3_denied", answer + ": the credentials do not permit this"), false};
    }
    return {transient("s3_refused", answer), false};
}

}  // namespace

Refusal refusal_of(const HttpResponse& response) {
    const std::string code = read_error_code(response.body);
    Refusal refusal =
        judge(response.status,
              code,
              "the server answered " + std::to_string(response.status) + (code.empty() ? "" : " ") + code);
    const milliseconds wait = retry_after(response);
    if (wait > milliseconds{0}) refusal.error.with_retry_after(wait);
    return refusal;
}

Refusal refusal_of(const Error& error) {
    if (error.kind() == ErrorKind::transient && error.code().starts_with("http_")) {
        return {transient("s3_unreachable", error.what()), true};
    }
    const bool odd_answer = error.code().starts_with("http_") || error.code() == "body_too_large";
    if (error.kind() == ErrorKind::integrity && odd_answer) return {transient("s3_answer", error.what()), false};
    return {error, false};
}

}  // namespace signwatch::s3
