#include "providers/posten/answer.hpp"

#include <algorithm>

#include "providers/posten/wire.hpp"

namespace signwatch::posten {
namespace {

bool is_success(int status) {
    return status >= 200 && status <= 299;
}

bool is_refusal(std::string_view error_code) {
    return error_code == "NOT_AUTHORIZED" || error_code == "BROKER_NOT_AUTHORIZED";
}

bool is_refusal(const HttpResponse& response) {
    return is_refusal(parse_error_code(response.body).value_or(""));
}

std::string lower(std::string_view text) {
    std::string result;
    for (const char c : text)
        result += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return result;
}

// Upper-case words only: nothing else of a foreign body gets into our texts.
std::string printable_code(const std::string& code) {
    const bool word = !code.empty() && code.size() <= 64 &&
                      std::ranges::all_of(code, [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
    return word ? " (" + code + ")" : "";
}

ErrorKind kind_of(int status) {
    if (status == 429) return ErrorKind::throttled;
    if (status == 401 || status == 403) return ErrorKind::unauthorized;
    if (status == 408 || status >= 500) return ErrorKind::transient;
    return ErrorKind::permanent;
}

bool is_html(const HttpResponse& response) {
    return lower(response.header("Content-Type").value_or("")).starts_with("text/html");
}

void adopt(const NextPoll& next, PollResult& result) {
    result.wait = next.wait;
    result.wait_for_account = next.for_account;
    result.memory = next.memory;
    result.clock_skew = next.clock_skew;
    result.permitted_time_missing = next.permitted_time_missing;
    result.permitted_time_capped = next.permitted_time_capped;
}

StatusUpdate read_update(const HttpResponse& response,
                         const Watch& watch,
                         const Settings& settings,
                         const Pseudonymise& pseudonymise) {
    if (!response.complete) throw Error(ErrorKind::integrity, "body_cut", "the body was cut");
    if (response.body.empty()) throw Error(ErrorKind::integrity, "body_empty", "a success without a body");
    const Origin origin{settings.account_terms.account, watch.id, watch.key.target};
    const MappingRules rules{settings.documents, settings.hold_unknown_jobs};
    return to_status_update(parse_update(response.body), origin, rules, pseudonymise);
}

void take_update(HttpResponse& response,
                 const Arrival& arrival,
                 const Watch& watch,
                 const Settings& settings,
                 const Pseudonymise& pseudonymise,
                 PollResult& result) {
    try {
        StatusUpdate update = read_update(response, watch, settings, pseudonymise);
        update.raw = std::move(response.body);
        result.updates.push_back(std::move(update));
        result.verdict = PollVerdict::updated;
    } catch (const Error& error) {
        if (error.code() == "error_body" && is_refusal(response)) throw error_for(response, arrival, settings.pacing);
        result.verdict = PollVerdict::unreadable;
        result.unreadable = UnreadableAnswer{error.code(), std::move(response.body)};
        // A permitted time of "now" must not make a loop of a server that answers nonsense.
        result.wait = std::max(result.wait, settings.pacing.floor);
    }
}

}  // namespace

Error error_for(const HttpResponse& response, const Arrival& arrival, const Pacing& pacing) {
    const std::string api_code = parse_error_code(response.body).value_or("");
    const std::string status = std::to_string(response.status);
    const std::string what = "the provider answered HTTP " + status + printable_code(api_code);
    if (is_refusal(api_code)) return Error(ErrorKind::unauthorized, lower(api_code), what);
    Error error(kind_of(response.status), "http_" + status, what);
    const AnswerTiming timing = AnswerTiming::of(response, arrival.at, arrival.jitter);
    if (response.status == 429)
        error.with_retry_after(next_poll(timing, PollMemory{}, pacing).wait);
    else if (const auto ahead = permitted_in(timing))
        error.with_retry_after(*ahead);
    return error;
}

PollResult read_poll(HttpResponse response,
                     const Arrival& arrival,
                     const Watch& watch,
                     const Settings& settings,
                     const Pseudonymise& pseudonymise) {
    if (!is_success(response.status) && (response.status != 429 || is_refusal(response))) {
        throw error_for(response, arrival, settings.pacing);
    }
    PollResult result;
    adopt(next_poll(AnswerTiming::of(response, arrival.at, arrival.jitter), watch.memory, settings.pacing), result);
    if (response.status == 204) {
        result.verdict = PollVerdict::empty;
    } else if (response.status == 429) {
        result.verdict = PollVerdict::throttled;
    } else {
        take_update(response, arrival, watch, settings, pseudonymise, result);
    }
    return result;
}

AcknowledgeOutcome read_confirmation(const HttpResponse& response, const Arrival& arrival, const Pacing& pacing) {
    if (is_success(response.status)) return AcknowledgeOutcome::done;
    const bool gone = response.status == 404 || response.status == 409 || response.status == 410;
    if (gone && !is_refusal(response)) return AcknowledgeOutcome::gone;
    throw error_for(response, arrival, pacing);
}

void check_download(const HttpResponse& response,
                    std::uint64_t received,
                    const Arrival& arrival,
                    const Pacing& pacing) {
    if (!is_success(response.status)) {
        Error error = error_for(response, arrival, pacing);
        const bool gone = response.status == 404 || response.status == 410;
        if (!gone || error.kind() != ErrorKind::permanent) throw error;
        throw Error(ErrorKind::permanent, "document_gone", "the provider no longer has the document");
    }
    if (is_html(response)) throw Error(ErrorKind::integrity, "document_html", "a web page instead of the document");
    if (response.status != 200 || received == 0) {
        throw Error(ErrorKind::integrity, "document_empty", "a success without a document");
    }
}

}  // namespace signwatch::posten
