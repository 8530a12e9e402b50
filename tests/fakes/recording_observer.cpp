#include "tests/fakes/recording_observer.hpp"

#include <algorithm>

#include "core/domain/names.hpp"

namespace signwatch::testing {

std::size_t RecordingObserver::count(const std::string& word) const {
    return static_cast<std::size_t>(std::count(told.begin(), told.end(), word));
}

void RecordingObserver::poll_finished(const WatchKey&, const PollReport&) {
    told.push_back("polled");
}
void RecordingObserver::poll_failed(const WatchKey&, const Error& error, WallTime) {
    told.push_back("poll_failed:" + error.code());
}
void RecordingObserver::poll_before_permitted(const WatchKey&) {
    told.push_back("poll_before_permitted");
}

void RecordingObserver::update_recorded(const StatusUpdate&, Recorded outcome) {
    static const char* const words[] = {"added", "waiting", "in_progress", "committed", "parked"};
    told.push_back(std::string("recorded:") + words[static_cast<int>(outcome)]);
}

void RecordingObserver::answer_unreadable(const WatchKey&, std::string_view code) {
    told.push_back("unreadable:" + std::string(code));
}
void RecordingObserver::document_stored(const StatusUpdate&, const StoredDocument&, std::chrono::microseconds) {
    told.push_back("stored");
}
void RecordingObserver::document_rejected(const StatusUpdate&, DocumentKind, const Error& error) {
    told.push_back("rejected:" + error.code());
}
void RecordingObserver::update_committed(const StatusUpdate&, std::string_view event_type) {
    told.push_back("committed:" + std::string(event_type));
}

void RecordingObserver::acknowledged(const StatusUpdate&, AcknowledgeResult result, milliseconds) {
    static const char* const words[] = {"done", "assumed", "left"};
    told.push_back(std::string("acknowledged:") + words[static_cast<int>(result)]);
}

void RecordingObserver::acknowledged_before_durable(const StatusUpdate&) {
    told.push_back("acknowledged_before_durable");
}
void RecordingObserver::update_deferred(const StatusUpdate&, const Error& error, WallTime) {
    told.push_back("deferred:" + error.code());
}
void RecordingObserver::update_parked(const StatusUpdate&, const Error& error) {
    told.push_back("parked:" + error.code());
}
void RecordingObserver::events_published(std::size_t count, milliseconds) {
    told.insert(told.end(), count, "published");
}
void RecordingObserver::publish_failed(const Error& error, WallTime) {
    told.push_back("publish_failed:" + error.code());
}
void RecordingObserver::stream_tail_lost(std::size_t) {
    told.push_back("tail_lost");
}
void RecordingObserver::stream_divided(int partitions, EntryId last) {
    told.push_back("divided:" + std::to_string(partitions) + "@" + to_string(last));
}
void RecordingObserver::budget_seen(const std::string&, std::size_t, const BudgetState&) {}
void RecordingObserver::circuit_changed(const std::string&, bool open) {
    told.push_back(open ? "circuit:open" : "circuit:closed");
}
void RecordingObserver::watch_parked(const WatchKey&, std::string_view code) {
    told.push_back("watch_parked:" + std::string(code));
}
void RecordingObserver::command_finished(const CommandReport& report) {
    told.push_back(std::string(report.type) + ":" + std::string(report.outcome));
}
void RecordingObserver::command_dead(std::string_view reason) {
    told.push_back("dead:" + std::string(reason));
}
void RecordingObserver::webhook_received(const WebhookReport& report) {
    static const char* const words[] = {"answered", "queued", "repeated", "refused", "unavailable"};
    told.push_back(std::string("webhook:") + words[static_cast<int>(report.result)]);
}
void RecordingObserver::hints_applied(const std::string&, Via via, const HintCounts& counts) {
    const std::string from = "hint:" + std::string(name_of(via)) + ":";
    told.insert(told.end(), counts.hurried, from + "hurried");
    told.insert(told.end(), counts.adopted, from + "adopted");
    told.insert(told.end(), counts.unchanged, from + "unchanged");
    told.insert(told.end(), counts.unknown, from + "unknown");
}
void RecordingObserver::notification_dead(const std::string&, std::string_view code) {
    told.push_back("notification_dead:" + std::string(code));
}
void RecordingObserver::webhooks_seen(const std::string&, bool work) {
    told.push_back(work ? "webhooks:work" : "webhooks:fail");
}
void RecordingObserver::loop_troubled(std::string_view loop, const Error& error) {
    told.push_back("troubled:" + std::string(loop) + ":" + error.code());
}

}  // namespace signwatch::testing
