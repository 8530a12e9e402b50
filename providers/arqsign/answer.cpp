#include "providers/arqsign/answer.hpp"

#include <algorithm>

#include "core/json/folding.hpp"
#include "providers/arqsign/mapping.hpp"
#include "providers/arqsign/throttling.hpp"

namespace signwatch::arqsign {
namespace {

using namespace std::chrono_literals;

constexpr milliseconds throttle_wait = 60s;
constexpr milliseconds unreadable_wait = 1h;

bool is_success(int status) {
    return status >= 200 && status <= 299;
}

bool tells_deleted(const HttpResponse& response) {
    if (response.status != 400) return false;
    const std::string words = parse_refusal(response.body);
    return words.starts_with("documento excluido") || words.starts_with("processo excluido");
}

bool tells_unknown(const HttpResponse& response) {
    return response.status == 400 && parse_refusal(response.body).starts_with("o(s) id(s) listado(s) nao existe");
}

// 404 is a route that does not exist: a mistake of ours, never news of a process.
ErrorKind kind_of(int status) {
    if (status == 401 || status == 403) return ErrorKind::unauthorized;
    if (status == 408 || status >= 500) return ErrorKind::transient;
    return ErrorKind::permanent;
}

// Doubles with every failure in a row, up to `most`.
milliseconds doubled(milliseconds wait, int times, milliseconds most) {
    return std::min(most, wait * (1L << std::clamp(times, 0, 20)));
}

milliseconds interval_of(const Watch& watch, const Settings& settings) {
    return watch.interval.value_or(settings.account_terms.process_interval);
}

PollResult throttled(const HttpResponse& response, WallTime now, const Watch& watch) {
    const auto told = told_wait(response, now);
    PollResult result;
    result.verdict = PollVerdict::throttled;
    result.wait = told.value_or(doubled(throttle_wait, watch.memory.throttles, 1h));
    result.wait_for_account = true;
    result.permitted_time_missing = !told;
    result.memory.throttles = watch.memory.throttles + 1;
    return result;
}

PollResult updated(StatusUpdate update, std::string raw, const Watch& watch, const Settings& settings) {
    PollResult result;
    update.raw = std::move(raw);
    result.updates.push_back(std::move(update));
    result.verdict = PollVerdict::updated;
    result.wait = interval_of(watch, settings);
    return result;
}

// Sooner than a regular look, since somebody waits for this process; rarer with each one, since calls are few.
PollResult unreadable(std::string code, std::string body, const Watch& watch, const Settings& settings) {
    PollResult result;
    result.verdict = PollVerdict::unreadable;
    result.unreadable = UnreadableAnswer{std::move(code), std::move(body)};
    result.wait = doubled(unreadable_wait, watch.memory.errors, interval_of(watch, settings));
    result.memory.errors = watch.memory.errors + 1;
    return result;
}

// What a look would have found, on the way of the update that stood for it.
StatusUpdate as_found(StatusUpdate found, const StatusUpdate& presumed) {
    found.reference = presumed.reference;
    found.via = presumed.via;
    found.raw = presumed.raw;
    return found;
}

// A webhook has told of this end before, and the whole process is on its way: a call that is not made twice. Whether
// the watch ends, the fetch will say.
void leave_to_fetch(StatusUpdate& update, const Watch& watch) {
    update.fingerprint = watch.seen;
    update.ends_watch = false;
}

bool is_html(const HttpResponse& response) {
    return json::fold_key(response.header("Content-Type").value_or("")).starts_with("text/html");
}

}  // namespace

Error error_for(const HttpResponse& response, WallTime now) {
    const std::string code = "http_" + std::to_string(response.status);
    const std::string what = "the provider answered HTTP " + std::to_string(response.status);
    if (is_throttled(response)) {
        Error error(ErrorKind::throttled, code, what);
        error.with_retry_after(told_wait(response, now).value_or(throttle_wait));
        return error;
    }
    if (tells_deleted(response)) {
        return Error(ErrorKind::permanent, "process_deleted", "the process was deleted at the provider");
    }
    if (tells_unknown(response)) {
        return Error(ErrorKind::permanent, "process_unknown", "the provider knows no process with this id");
    }
    return Error(kind_of(response.status), code, what);
}

PollResult read_poll(HttpResponse response, WallTime now, const Watch& watch, const Settings& settings) {
    if (is_throttled(response)) return throttled(response, now, watch);
    const Origin origin{settings.account_terms.account, watch.id, watch.key.target};
    if (tells_deleted(response)) return updated(deleted_update(origin), std::move(response.body), watch, settings);
    if (!is_success(response.status)) throw error_for(response, now);
    if (!response.complete) throw Error(ErrorKind::transient, "body_cut", "the body was cut");
    try {
        StatusUpdate update = to_update(parse_status(response.body), origin, now);
        if (update.incomplete && is_presumed(watch.seen)) leave_to_fetch(update, watch);
        return updated(std::move(update), std::move(response.body), watch, settings);
    } catch (const Error& error) {
        return unreadable(error.code(), std::move(response.body), watch, settings);
    }
}

StatusUpdate read_process(const HttpResponse& response,
                          const BodyFilter& body,
                          WallTime now,
                          StatusUpdate update,
                          const Settings& settings,
                          const Pseudonymise& pseudonymise) {
    const bool presumed = is_presumed(update.fingerprint);
    const Origin origin{update.account, update.watch, update.process_id};
    if (presumed && tells_deleted(response)) return as_found(deleted_update(origin), update);
    if (!is_success(response.status)) throw error_for(response, now);
    if (body.rest().empty()) throw Error(ErrorKind::integrity, "body_empty", "a success without a body");
    const WireProcess process = parse_process(body.rest());
    if (presumed) {
        update = as_found(to_update(process.status, origin, now), update);
        if (!update.incomplete) return update;
    }
    StatusUpdate whole = completed(std::move(update), process, body.received(), pseudonymise);
    for (const DocumentRef& document : whole.documents)
        settings.identity_for(document.locator);
    return whole;
}

void check_download(const HttpResponse& response, std::uint64_t received, WallTime now) {
    // A link that has run out answers 401 or 403; that says nothing about our keys, which were not sent.
    const int status = response.status;
    if (status == 401 || status == 403 || status == 404 || status == 410) {
        throw Error(ErrorKind::permanent, "document_gone", "a document's link leads to nothing any more");
    }
    if (!is_success(status)) throw error_for(response, now);
    if (is_html(response)) throw Error(ErrorKind::integrity, "document_html", "a web page instead of the document");
    if (status != 200 || received == 0) {
        throw Error(ErrorKind::integrity, "document_empty", "a success without a document");
    }
}

}  // namespace signwatch::arqsign
