#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/domain/document.hpp"
#include "core/domain/error.hpp"
#include "core/domain/hint.hpp"
#include "core/domain/status_update.hpp"
#include "core/domain/watch.hpp"
#include "core/ports/provider.hpp"
#include "core/ports/state_store.hpp"

namespace signwatch {

struct PollReport {
    PollVerdict verdict = PollVerdict::empty;
    std::chrono::microseconds duration{};
    milliseconds lateness{};  ///< poll sent minus due
    WallTime next_due{};
    std::optional<milliseconds> clock_skew;
    bool permitted_time_missing = false;
    bool permitted_time_capped = false;
};

/// How a budget stands, for people and gauges.
struct BudgetState {
    CallLimits limits;
    int used_in_hour = 0;
    int used_in_day = 0;
    int used_in_month = 0;
    int reserve = 0;        ///< of the month's calls, kept for fetching
    double stretch = 1;     ///< by how much intervals are longer than configured, so that the budget lasts
    milliseconds closed{};  ///< no look before this long has passed
};

/// A command that has got its answer. Its sender chose account and process id: at most 200 bytes each.
struct CommandReport {
    std::string_view type;  ///< "process.add" ...
    std::string_view account;
    std::string_view process_id;
    std::string_view outcome;  ///< added, unchanged, changed, done, refused
};

/// What became of a request to the public listener.
enum class WebhookResult {
    answered,     ///< nothing to queue: a verification of intent
    queued,       ///< a notification, durable before the answer
    repeated,     ///< a notification that was queued before
    refused,      ///< not genuine, or not a request we understand
    unavailable,  ///< it could not be queued now: the provider tries again
};

struct WebhookReport {
    std::string_view account;  ///< empty: it named none of ours
    WebhookResult result = WebhookResult::refused;
    std::string_view reason;  ///< of a refusal: one of a fixed list
    std::chrono::microseconds duration{};
};

/// What the pipeline tells about its work. Telemetry turns these facts into metrics and log lines; nothing here can
/// carry a document, a URL or personal data. Event-loop thread; must not throw or block.
class Observer {
public:
    virtual ~Observer() = default;

    virtual void poll_finished(const WatchKey& watch, const PollReport& report) = 0;
    virtual void poll_failed(const WatchKey& watch, const Error& error, WallTime next_due) = 0;
    /// Must never happen: the scheduler was about to poll before the permitted time, and did not.
    virtual void poll_before_permitted(const WatchKey& watch) = 0;

    virtual void update_recorded(const StatusUpdate& update, Recorded outcome) = 0;
    virtual void answer_unreadable(const WatchKey& watch, std::string_view code) = 0;
    virtual void document_stored(const StatusUpdate& update,
                                 const StoredDocument& document,
                                 std::chrono::microseconds persist) = 0;
    virtual void document_rejected(const StatusUpdate& update, DocumentKind kind, const Error& error) = 0;
    virtual void update_committed(const StatusUpdate& update, std::string_view event_type) = 0;
    /// `left_of_window`: what was left of the provider's patience when the acknowledgement was sent.
    virtual void acknowledged(const StatusUpdate& update, AcknowledgeResult result, milliseconds left_of_window) = 0;
    /// Must never happen: an acknowledgement was about to be sent without durable documents, and was not.
    virtual void acknowledged_before_durable(const StatusUpdate& update) = 0;
    virtual void update_deferred(const StatusUpdate& update, const Error& error, WallTime next_attempt_at) = 0;
    virtual void update_parked(const StatusUpdate& update, const Error& error) = 0;

    virtual void events_published(std::size_t count, milliseconds oldest_age) = 0;
    virtual void publish_failed(const Error& error, WallTime next_attempt_at) = 0;
    virtual void stream_tail_lost(std::size_t republished) = 0;
    /// Events behind `last` are divided among so many streams.
    virtual void stream_divided(int partitions, EntryId last) = 0;

    virtual void budget_seen(const std::string& account, std::size_t watches, const BudgetState& budget) = 0;
    /// Looks of the account have stopped after failures in a row, or go on.
    virtual void circuit_changed(const std::string& account, bool open) = 0;
    virtual void watch_parked(const WatchKey& watch, std::string_view code) = 0;

    virtual void command_finished(const CommandReport& report) = 0;
    /// Nobody can understand a command; it was put aside.
    virtual void command_dead(std::string_view reason) = 0;

    virtual void webhook_received(const WebhookReport& report) = 0;
    virtual void hints_applied(const std::string& account, Via via, const HintCounts& counts) = 0;
    /// Nobody can understand a notification; it was put aside.
    virtual void notification_dead(const std::string& account, std::string_view code) = 0;
    /// What the provider says of our webhooks.
    virtual void webhooks_seen(const std::string& account, bool work) = 0;

    /// A loop met a failure of our own parts (store, disk) and goes on after a pause.
    virtual void loop_troubled(std::string_view loop, const Error& error) = 0;
};

}  // namespace signwatch
