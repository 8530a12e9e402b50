#pragma once

#include <string>
#include <vector>

#include "core/ports/observer.hpp"
#include "core/ports/progress.hpp"

namespace signwatch::testing {

/// Keeps what the pipeline tells as short words ("parked:pdf_html"), in order.
class RecordingObserver : public Observer {
public:
    std::vector<std::string> told;

    std::size_t count(const std::string& word) const;

    void poll_finished(const WatchKey& watch, const PollReport& report) override;
    void poll_failed(const WatchKey& watch, const Error& error, WallTime next_due) override;
    void poll_before_permitted(const WatchKey& watch) override;
    void update_recorded(const StatusUpdate& update, Recorded outcome) override;
    void answer_unreadable(const WatchKey& watch, std::string_view code) override;
    void document_stored(const StatusUpdate& update,
                         const StoredDocument& document,
                         std::chrono::microseconds persist) override;
    void document_rejected(const StatusUpdate& update, DocumentKind kind, const Error& error) override;
    void update_committed(const StatusUpdate& update, std::string_view event_type) override;
    void acknowledged(const StatusUpdate& update, AcknowledgeResult result, milliseconds left_of_window) override;
    void acknowledged_before_durable(const StatusUpdate& update) override;
    void update_deferred(const StatusUpdate& update, const Error& error, WallTime next_attempt_at) override;
    void update_parked(const StatusUpdate& update, const Error& error) override;
    void events_published(std::size_t count, milliseconds oldest_age) override;
    void publish_failed(const Error& error, WallTime next_attempt_at) override;
    void stream_tail_lost(std::size_t republished) override;
    void stream_divided(int partitions, EntryId last) override;
    void budget_seen(const std::string& account, std::size_t watches, const BudgetState& budget) override;
    void circuit_changed(const std::string& account, bool open) override;
    void watch_parked(const WatchKey& watch, std::string_view code) override;
    void command_finished(const CommandReport& report) override;
    void command_dead(std::string_view reason) override;
    void webhook_received(const WebhookReport& report) override;
    void hints_applied(const std::string& account, Via via, const HintCounts& counts) override;
    void notification_dead(const std::string& account, std::string_view code) override;
    void webhooks_seen(const std::string& account, bool work) override;
    void loop_troubled(std::string_view loop, const Error& error) override;
};

/// Progress that nobody looks at.
class NoProgress : public Progress {
public:
    void reached(Step) noexcept override {}
};

}  // namespace signwatch::testing
