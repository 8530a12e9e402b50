#include "providers/adobe_sign/answer.hpp"

#include <algorithm>

#include "core/json/folding.hpp"
#include "providers/adobe_sign/throttling.hpp"
#include "providers/adobe_sign/wire_account.hpp"

namespace signwatch::adobe_sign {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view pdf_begins = "%PDF-";
constexpr std::size_t searched = 1'024;
constexpr std::size_t longest_etag = 1'024;
// With twelve attempts that is the day after which somebody should look.
constexpr milliseconds suspicious_wait = 2h;
constexpr milliseconds not_ready_wait = 1min;

ErrorKind kind_of(int status) {
    if (status == 401 || status == 403) return ErrorKind::unauthorized;
    if (status == 408 || status == 425 || status >= 500) return ErrorKind::transient;
    return ErrorKind::permanent;
}

// What is not found may have been seen before: only some of Adobe's words say that it never will be.
Error missing(const std::string& code, const std::string& told) {
    if (code == "DOCUMENT_NOT_YET_AVAILABLE") {
        Error error(ErrorKind::transient, "adobe_not_ready", "the provider has not finished the document" + told);
        return error.with_retry_after(not_ready_wait);
    }
    if (code == "INVALID_AGREEMENT_ID" || code == "PERMISSION_DENIED") {
        return Error(ErrorKind::permanent, "process_unknown", "there is no such agreement for this account" + told);
    }
    Error error(ErrorKind::integrity, "adobe_not_found", "what should be there was not found" + told);
    return error.with_retry_after(suspicious_wait);
}

}  // namespace

bool is_success(int status) {
    return status >= 200 && status <= 299;
}

Error error_for(const HttpResponse& response, WallTime now) {
    const WireError told = error_in(response);
    const std::string code = "http_" + std::to_string(response.status);
    const std::string what = "the provider answered HTTP " + std::to_string(response.status) + told.told();
    if (response.status == 429) {
        Error error(ErrorKind::throttled, code, what);
        return error.with_retry_after(told_wait(response, now).value_or(untold_wait(5)));
    }
    if (told.code == "INVALID_API_ACCESS_POINT") {
        return Error(ErrorKind::transient, "adobe_access_point", "the access point is still the wrong one");
    }
    if (told.code == "INVALID_X_API_USER_HEADER" || told.code == "INVALID_ON_BEHALF_OF_USER_HEADER") {
        return Error(ErrorKind::unauthorized, code, what);
    }
    if (response.status == 404) return missing(told.code, told.told());
    return Error(kind_of(response.status), code, what);
}

std::optional<PollResult> throttled(const HttpResponse& response, WallTime now, const PollMemory& memory) {
    if (response.status != 429) return std::nullopt;
    const auto told = told_wait(response, now);
    PollResult result;
    result.verdict = PollVerdict::throttled;
    result.wait = told.value_or(untold_wait(memory.throttles));
    result.wait_for_account = true;
    result.permitted_time_missing = !told;
    result.memory.throttles = memory.throttles + 1;
    return result;
}

PollResult unreadable(const Error& error, std::string body, const PollMemory& memory, milliseconds wait) {
    PollResult result;
    result.verdict = PollVerdict::unreadable;
    result.unreadable = UnreadableAnswer{error.code(), std::move(body)};
    result.wait = wait;
    result.memory = memory;
    result.memory.throttles = 0;
    return result;
}

std::string etag_of(const HttpResponse& response) {
    const auto header = response.header("ETag");
    if (!header || header->size() > longest_etag) return {};
    const bool sendable = std::ranges::all_of(*header, [](char c) { return c >= 0x20 && c < 0x7F; });
    return sendable ? std::string(json::trimmed(*header)) : std::string();
}

void PdfSink::write(std::span<const std::byte> bytes) {
    if (passes_) {
        next_.write(bytes);
        return;
    }
    const std::size_t room = searched + pdf_begins.size() - std::min(searched + pdf_begins.size(), beginning_.size());
    const std::size_t taken = std::min(room, bytes.size());
    beginning_.append(reinterpret_cast<const char*>(bytes.data()), taken);
    if (beginning_.find(pdf_begins) == std::string::npos) return;
    passes_ = true;
    next_.write(std::as_bytes(std::span{beginning_}));
    if (taken < bytes.size()) next_.write(bytes.subspan(taken));
}

void PdfSink::check() const {
    if (passes_) return;
    const std::string_view beginning = json::trimmed(beginning_);
    if (beginning.empty()) throw Error(ErrorKind::transient, "document_empty", "a success without a document");
    if (beginning.front() == '<')
        throw Error(ErrorKind::integrity, "document_html", "a web page instead of the document");
    throw Error(ErrorKind::integrity, "pdf_not_pdf", "what came instead of the document is no PDF");
}

void CountingSink::check() const {
    if (empty_) throw Error(ErrorKind::transient, "document_empty", "a success without a document");
}

}  // namespace signwatch::adobe_sign
