#include "providers/signhub/answer.hpp"

#include <algorithm>
#include <charconv>

#include "core/domain/error.hpp"
#include "core/json/folding.hpp"
#include "providers/signhub/masking.hpp"

namespace signwatch::signhub {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view pdf_begins = "%PDF-";
constexpr std::size_t kept_of_no_document = 2'048;

bool is_success(int status) {
    return status >= 200 && status <= 299;
}

ErrorKind kind_of(int status) {
    if (status == 429) return ErrorKind::throttled;
    if (status == 401 || status == 403) return ErrorKind::unauthorized;
    if (status == 408 || status == 425 || status >= 500) return ErrorKind::transient;
    return ErrorKind::permanent;
}

// Whole seconds, as nobody documents it; a day at most.
std::optional<milliseconds> retry_after(const HttpResponse& response) {
    const auto header = response.header("Retry-After");
    if (!header) return std::nullopt;
    const std::string_view text = json::trimmed(*header);
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc{} || end != text.data() + text.size() || seconds < 0) return std::nullopt;
    return std::chrono::seconds{std::min<std::int64_t>(seconds, 86'400)};
}

StatusUpdate read_update(const HttpResponse& response,
                         const Watch& watch,
                         const ReadingRules& rules,
                         const Pseudonymise& pseudonymise) {
    if (!response.complete) throw Error(ErrorKind::integrity, "body_cut", "the body was cut");
    if (json::trimmed(response.body).empty()) {
        throw Error(ErrorKind::integrity, "body_empty", "a success without a body");
    }
    const WireFlow flow = parse_flow(response.body);
    const std::string& asked = watch.key.target;
    if (flow.id && std::to_string(*flow.id) != asked) {
        throw Error(ErrorKind::integrity, "signhub_foreign_flow", "the answer is about another flow");
    }
    StatusUpdate update = to_status_update(flow, asked, rules, pseudonymise);
    update.watch = watch.id;
    return update;
}

}  // namespace

PollResult read_poll(HttpResponse response,
                     const Watch& watch,
                     WallTime now,
                     const ReadingRules& rules,
                     const Pace& pace,
                     const Pseudonymise& pseudonymise) {
    PollResult result;
    result.memory = watch.memory;
    result.wait = wait_of(watch, now, pace);
    if (response.status == 429) {
        result.verdict = PollVerdict::throttled;
        ++result.memory.throttles;
        result.wait = retry_after(response).value_or(throttle_wait(result.memory.throttles));
        result.wait_for_account = true;
        return result;
    }
    if (!is_success(response.status)) throw error_for(response);
    result.memory.throttles = 0;
    try {
        StatusUpdate update = read_update(response, watch, rules, pseudonymise);
        update.raw = std::move(response.body);
        result.updates.push_back(std::move(update));
        result.verdict = PollVerdict::updated;
    } catch (const Error& error) {
        result.verdict = PollVerdict::unreadable;
        result.unreadable = UnreadableAnswer{error.code(), masked(response.body)};
    }
    return result;
}

Error error_for(const HttpResponse& response) {
    const std::string word = error_word(response.body);
    const std::string status = std::to_string(response.status);
    const std::string told = word.empty() ? "" : " (" + word + ")";
    Error error(kind_of(response.status), "http_" + status, "the provider answered HTTP " + status + told);
    if (const auto delay = retry_after(response)) error.with_retry_after(*delay);
    return error;
}

void PdfSink::write(std::span<const std::byte> bytes) {
    if (passes_) {
        next_.write(bytes);
        return;
    }
    const std::size_t room = kept_of_no_document - std::min(kept_of_no_document, beginning_.size());
    const std::size_t taken = std::min(room, bytes.size());
    beginning_.append(reinterpret_cast<const char*>(bytes.data()), taken);
    if (beginning_.size() < pdf_begins.size() || !beginning_.starts_with(pdf_begins)) return;
    passes_ = true;
    next_.write(std::as_bytes(std::span{beginning_}));
    if (taken < bytes.size()) next_.write(bytes.subspan(taken));
}

void check_download(const HttpResponse& response, const PdfSink& sink) {
    const int status = response.status;
    if (status == 400 || status == 404 || status == 409) {
        Error error(ErrorKind::integrity, "signhub_not_ready", "a finished flow whose document is not there");
        throw error.with_retry_after(1min);
    }
    if (!is_success(status)) throw error_for(response);
    if (sink.passes()) return;
    const std::string_view beginning = json::trimmed(sink.beginning());
    if (beginning.empty()) throw Error(ErrorKind::transient, "document_empty", "a success without a document");
    if (beginning.front() == '<')
        throw Error(ErrorKind::integrity, "document_html", "a web page instead of the document");
    if (beginning.front() == '{' || beginning.starts_with("\xEF\xBB\xBF{")) {
        const std::string word = error_word(beginning);
        throw Error(
            ErrorKind::integrity,
            "signhub_error",
            "a success that tells of an error instead of the document" + (word.empty() ? "" : " (" + word + ")"));
    }
    throw Error(ErrorKind::integrity, "pdf_not_pdf", "what came instead of the document is no PDF");
}

std::string read_inspection(const HttpResponse& response) {
    if (!is_success(response.status)) throw error_for(response);
    return response.complete ? parse_summary(response.body) : "unreadable";
}

}  // namespace signwatch::signhub
