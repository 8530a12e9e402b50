#include "core/telemetry/telemetry_observer.hpp"

#include <algorithm>

#include "core/domain/names.hpp"
#include "core/telemetry/reason_codes.hpp"

namespace signwatch::telemetry {
namespace {

std::string_view result_name(PollVerdict verdict) {
    switch (verdict) {
        case PollVerdict::updated:
            return "updated";
        case PollVerdict::empty:
            return "empty";
        case PollVerdict::throttled:
            return "throttled";
        case PollVerdict::unreadable:
            return "unreadable";
    }
    return "other";
}

std::string_view result_name(WebhookResult result) {
    switch (result) {
        case WebhookResult::answered:
            return "answered";
        case WebhookResult::queued:
            return "queued";
        case WebhookResult::repeated:
            return "repeated";
        case WebhookResult::refused:
            return "refused";
        case WebhookResult::unavailable:
            return "unavailable";
    }
    return "other";
}

std::string_view result_name(AcknowledgeResult result) {
    switch (result) {
        case AcknowledgeResult::done:
            return "done";
        case AcknowledgeResult::assumed:
            return "assumed";
        case AcknowledgeResult::left:
            return "left";
    }
    return "other";
}

bool provider_answered(const Error& error) {
    return error.kind() != ErrorKind::transient && error.kind() != ErrorKind::unauthorized;
}

bool has_unknown_signer(const StatusUpdate& update) {
    const auto unknown = [](const Participant& participant) { return participant.state == ParticipantState::unknown; };
    return std::any_of(update.participants.begin(), update.participants.end(), unknown);
}

}  // namespace

void TelemetryObserver::poll_finished(const WatchKey& watch, const PollReport& report) {
    metrics_.poll(watch.account, result_name(report.verdict));
    metrics_.poll_answered(watch.account, report.duration, report.lateness);
    metrics_.poll_next_permitted(watch.account, civil(report.next_due));
    metrics_.provider_up(watch.account, true);
    if (report.clock_skew) metrics_.clock_skew(watch.account, *report.clock_skew);
    if (report.permitted_time_missing) metrics_.permitted_time_missing(watch.account);
    if (report.permitted_time_capped) metrics_.permitted_time_capped(watch.account);
    const milliseconds wait = until(report.next_due);
    if (report.permitted_time_missing || report.permitted_time_capped) {
        logger_.warn("unusable permitted time",
                     {{"account", watch.account}, {"watch", watch.target}, {"wait_ms", wait}});
    }
    if (report.verdict == PollVerdict::throttled) {
        metrics_.poll_throttled(watch.account);
        logger_.warn("provider asks for fewer calls",
                     {{"account", watch.account}, {"watch", watch.target}, {"wait_ms", wait}});
        return;
    }
    if (report.verdict != PollVerdict::unreadable) {
        metrics_.poll_succeeded(watch.account, clock_.now());
        if (watch.kind == WatchKind::sweep) metrics_.sweep_succeeded(watch.account, watch.target, clock_.now());
    }
    logger_.debug("poll answered",
                  {{"account", watch.account},
                   {"watch", watch.target},
                   {"result", result_name(report.verdict)},
                   {"duration_ms", report.duration},
                   {"late_ms", report.lateness},
                   {"wait_ms", wait}});
}

void TelemetryObserver::poll_failed(const WatchKey& watch, const Error& error, WallTime next_due) {
    metrics_.poll_next_permitted(watch.account, civil(next_due));
    if (error.kind() == ErrorKind::cancelled) return;
    metrics_.poll(watch.account, name_of(error.kind()));
    metrics_.provider_up(watch.account, provider_answered(error));
    if (error.kind() == ErrorKind::throttled) metrics_.poll_throttled(watch.account);
    logger_.warn("poll failed",
                 {{"account", watch.account},
                  {"watch", watch.target},
                  {"kind", error.kind()},
                  {"error_code", error.code()},
                  {"error", error.what()},
                  {"wait_ms", until(next_due)}});
}

void TelemetryObserver::poll_before_permitted(const WatchKey& watch) {
    metrics_.poll_before_permitted();
    logger_.error("held back a poll before its permitted time", {{"account", watch.account}, {"watch", watch.target}});
}

void TelemetryObserver::update_recorded(const StatusUpdate& update, Recorded outcome) {
    if (outcome != Recorded::added && outcome != Recorded::waiting) {
        metrics_.redelivery(update.account);
        logger_.debug("update offered again",
                      {{"account", update.account}, {"process", update.process_id}, {"state", update.state}});
        return;
    }
    logger_.info("update received",
                 {{"account", update.account},
                  {"process", update.process_id},
                  {"state", update.state},
                  {"provider_status", update.provider_status},
                  {"documents", update.documents.size()}});
    if (update.state == ProcessState::unknown) {
        metrics_.unknown_job_status(update.provider);
        logger_.error(
            "unknown job status",
            {{"account", update.account}, {"process", update.process_id}, {"provider_status", update.provider_status}});
    }
    if (has_unknown_signer(update)) {
        metrics_.unknown_signer_status(update.provider);
        logger_.warn("unknown signer status", {{"account", update.account}, {"process", update.process_id}});
    }
}

void TelemetryObserver::answer_unreadable(const WatchKey& watch, std::string_view code) {
    metrics_.answer_unreadable(code);
    logger_.error("unreadable answer kept",
                  {{"account", watch.account}, {"watch", watch.target}, {"error_code", code}});
}

void TelemetryObserver::document_stored(const StatusUpdate& update,
                                        const StoredDocument& document,
                                        std::chrono::microseconds persist) {
    metrics_.document(update.provider, document.kind, "stored");
    metrics_.document_stored(document.digest.size, persist);
    logger_.info("document stored",
                 {{"account", update.account},
                  {"process", update.process_id},
                  {"kind", document.kind},
                  {"size", document.digest.size},
                  {"sha256", document.digest.sha256},
                  {"verification", document.verification}});
}

void TelemetryObserver::document_rejected(const StatusUpdate& update, DocumentKind kind, const Error& error) {
    metrics_.document(update.provider, kind, "rejected");
    metrics_.document_rejected(error.code());
    logger_.error("document rejected",
                  {{"account", update.account},
                   {"process", update.process_id},
                   {"kind", kind},
                   {"error_code", error.code()},
                   {"error", error.what()}});
}

void TelemetryObserver::update_committed(const StatusUpdate& update, std::string_view event_type) {
    metrics_.update_committed(update.account);
    logger_.info("update committed",
                 {{"account", update.account}, {"process", update.process_id}, {"event", event_type}});
}

void TelemetryObserver::acknowledged(const StatusUpdate& update,
                                     AcknowledgeResult result,
                                     milliseconds left_of_window) {
    metrics_.acknowledge(update.account, result_name(result), left_of_window);
    logger_.info("acknowledgement settled",
                 {{"account", update.account},
                  {"process", update.process_id},
                  {"result", result_name(result)},
                  {"left_ms", left_of_window}});
}

void TelemetryObserver::acknowledged_before_durable(const StatusUpdate& update) {
    metrics_.acknowledged_before_durable();
    logger_.error("held back an acknowledgement before its documents were durable",
                  {{"account", update.account}, {"process", update.process_id}});
}

void TelemetryObserver::update_deferred(const StatusUpdate& update, const Error& error, WallTime next_attempt_at) {
    metrics_.retry(error.code());
    logger_.warn("update put off",
                 {{"account", update.account},
                  {"process", update.process_id},
                  {"kind", error.kind()},
                  {"error_code", error.code()},
                  {"error", error.what()},
                  {"wait_ms", until(next_attempt_at)}});
}

void TelemetryObserver::update_parked(const StatusUpdate& update, const Error& error) {
    metrics_.parked(error.code());
    logger_.error("update parked until an operator retries it",
                  {{"account", update.account},
                   {"process", update.process_id},
                   {"error_code", error.code()},
                   {"error", error.what()}});
}

void TelemetryObserver::events_published(std::size_t count, milliseconds oldest_age) {
    metrics_.published(count);
    logger_.debug("events published", {{"count", count}, {"oldest_age_ms", oldest_age}});
}

void TelemetryObserver::publish_failed(const Error& error, WallTime next_attempt_at) {
    metrics_.publish_failed();
    if (error.kind() == ErrorKind::cancelled) return;
    logger_.warn("publishing failed",
                 {{"kind", error.kind()},
                  {"error_code", error.code()},
                  {"error", error.what()},
                  {"wait_ms", until(next_attempt_at)}});
}

void TelemetryObserver::stream_tail_lost(std::size_t republished) {
    metrics_.stream_tail_lost();
    logger_.error("the stream has lost its tail; publishing it again", {{"events", republished}});
}

void TelemetryObserver::stream_divided(int partitions, EntryId last) {
    logger_.info("new events are divided among another number of streams",
                 {{"partitions", partitions}, {"behind", to_string(last)}});
}

void TelemetryObserver::budget_seen(const std::string& account, std::size_t watches, const BudgetState& budget) {
    metrics_.set_budget(account, watches, budget);
    const bool stretched = budget.stretch > 1;
    bool& told = stretched_[account];
    if (stretched == told) return;
    told = stretched;
    if (!stretched) {
        logger_.info("the budget pays for every look again", {{"account", account}});
        return;
    }
    logger_.warn("the budget cannot pay for every look: intervals are stretched",
                 {{"account", account}, {"watches", watches}, {"stretch", budget.stretch}});
}

void TelemetryObserver::circuit_changed(const std::string& account, bool open) {
    metrics_.set_circuit_open(account, open);
    if (open)
        logger_.warn("looks stop for a while: the provider fails again and again", {{"account", account}});
    else
        logger_.info("the provider answers again", {{"account", account}});
}

void TelemetryObserver::watch_parked(const WatchKey& watch, std::string_view code) {
    metrics_.watch_parked(watch.account, code);
    logger_.error("a process is not looked at any more",
                  {{"account", watch.account},
                   {"process", watch.target},
                   {"reason", code},
                   {"remedy", "signwatch process retry takes it up again"}});
}

void TelemetryObserver::command_finished(const CommandReport& report) {
    metrics_.command(report.type, report.outcome);
    // A refused command may name anything: only what we know of is worth a line.
    if (report.outcome == "refused") {
        logger_.warn("command refused", {{"command", report.type}});
        return;
    }
    logger_.info("command done",
                 {{"command", report.type},
                  {"account", report.account},
                  {"process", report.process_id},
                  {"outcome", report.outcome}});
}

void TelemetryObserver::command_dead(std::string_view reason) {
    metrics_.command_dead(reason);
    logger_.error("a command that cannot be understood was put aside", {{"reason", bounded_reason(reason)}});
}

void TelemetryObserver::webhook_received(const WebhookReport& report) {
    if (!report.account.empty())
        metrics_.webhook_received(std::string(report.account), result_name(report.result), report.duration);
    if (report.result == WebhookResult::refused) {
        metrics_.webhook_rejected(report.reason);
        logger_.warn("webhook request refused",
                     {{"account", report.account}, {"reason", bounded_reason(report.reason)}});
    } else if (report.result == WebhookResult::unavailable) {
        logger_.error("a notification could not be queued; its provider will send it again",
                      {{"account", report.account}});
    } else {
        logger_.debug(
            "webhook request answered",
            {{"account", report.account}, {"result", result_name(report.result)}, {"duration_ms", report.duration}});
    }
}

void TelemetryObserver::hints_applied(const std::string& account, Via via, const HintCounts& counts) {
    metrics_.hints(account, via, counts);
    logger_.debug("hints applied",
                  {{"account", account},
                   {"via", name_of(via)},
                   {"hurried", counts.hurried},
                   {"adopted", counts.adopted},
                   {"unchanged", counts.unchanged},
                   {"unknown", counts.unknown}});
}

void TelemetryObserver::notification_dead(const std::string& account, std::string_view code) {
    metrics_.notification_dead(code);
    logger_.error("a notification that cannot be understood was put aside",
                  {{"account", account}, {"reason", bounded_reason(code)}});
}

void TelemetryObserver::webhooks_seen(const std::string& account, bool work) {
    metrics_.set_webhooks_working(account, work);
    const auto [told, first] = webhooks_work_.try_emplace(account, work);
    if (!first && told->second == work) return;
    told->second = work;
    if (work)
        logger_.info("the provider sends webhooks", {{"account", account}});
    else
        logger_.error("the provider does not send webhooks: only polls and sweeps find what changes",
                      {{"account", account}});
}

void TelemetryObserver::loop_troubled(std::string_view loop, const Error& error) {
    metrics_.loop_trouble(error.code());
    logger_.error("a loop met trouble and goes on",
                  {{"loop", loop}, {"kind", error.kind()}, {"error_code", error.code()}, {"error", error.what()}});
}

}  // namespace signwatch::telemetry
