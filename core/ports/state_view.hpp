#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/domain/call_count.hpp"
#include "core/domain/event.hpp"
#include "core/domain/registration.hpp"
#include "core/domain/status_update.hpp"
#include "core/domain/watch.hpp"
#include "core/ports/record_audit.hpp"

namespace signwatch {

struct WatchRow {
    Watch watch;
    std::optional<WallTime> last_polled_at;
    std::optional<WallTime> last_success_at;
};

struct HistoryEntry {
    WallTime at;
    std::string action;
    std::string actor;
    std::string description;
};

struct UpdateRow {
    UpdateId id = 0;
    ProcessState state = ProcessState::unknown;
    std::string provider_status;
    Stage stage = Stage::received;
    std::string acknowledgement;  ///< pending, done, assumed, left, none
    int attempts = 0;
    std::string last_code;  ///< why the last attempt failed; empty if none did
    WallTime delivered_at{};
};

struct WatchFilter {
    std::string account;
    std::string target;
    std::size_t limit = 100;
};

struct ProcessRow {
    ProviderKind provider = ProviderKind::posten;
    std::string account;
    std::string process_id;
    std::string correlation_id;
    ProcessState state = ProcessState::unknown;
    std::uint64_t sequence = 0;
    WallTime first_seen_at{};
    WallTime updated_at{};
    std::optional<WallTime> registered_at;  ///< absent: nobody has named it, its queue brought it
    std::optional<WallTime> deadline;
    std::optional<milliseconds> interval;
    std::vector<Label> labels;
    bool watched = false;  ///< it is looked at on its own
    bool paused = false;
    bool parked = false;  ///< looking at it was in vain
    bool removed = false;
    std::size_t documents = 0;
    Stage stage = Stage::received;  ///< of its latest update
    std::string acknowledgement;    ///< of its latest update
};

struct ProcessDetail {
    ProcessRow process;
    std::vector<Participant> participants;
    std::vector<UpdateRow> updates;
    std::vector<StoredDocument> documents;
    std::vector<HistoryEntry> history;
};

struct DocumentRow {
    std::string account;
    std::string process_id;
    StoredDocument document;
};

struct EventRow {
    OutboxEvent event;
    bool published = false;
    std::string acknowledgement;  ///< of the update it tells of; empty if it tells of none
};

struct ProcessFilter {
    std::string account;
    std::optional<ProcessState> state;
    std::optional<Stage> stage;
    std::string correlation_id;
    std::size_t limit = 100;
    std::size_t offset = 0;
};

struct BudgetRow {
    std::string budget;
    std::vector<CallCount> calls;
};

struct StoreSummary {
    std::size_t watches = 0;
    std::size_t processes = 0;
    std::size_t documents = 0;
    std::size_t unacknowledged = 0;
    std::optional<WallTime> oldest_unacknowledged;
    std::size_t parked = 0;
    std::size_t unreadable = 0;
    std::size_t outbox_depth = 0;
    std::optional<WallTime> oldest_unpublished;
    std::size_t notifications = 0;  ///< queued and not read yet
    std::optional<WallTime> oldest_notification;
    std::size_t notifications_aside = 0;  ///< nobody could understand them
    int schema_version = 0;
};

/// Read-only look at the record, for the command line, the status and the gauges; sees what is committed, also while
/// the daemon runs. Blocking; one thread at a time. Throws Error like StateStore.
class StateView : public RecordAudit {
public:
    /// The next to be looked at first.
    virtual std::vector<WatchRow> watches(const WatchFilter& filter) = 0;
    virtual std::vector<ProcessRow> processes(const ProcessFilter& filter) = 0;
    virtual std::optional<ProcessDetail> process(const std::string& account, const std::string& process_id) = 0;
    virtual std::vector<DocumentRow> documents(const std::string& account,
                                               const std::string& process_id,
                                               std::size_t limit) = 0;
    virtual std::vector<BudgetRow> budgets() = 0;
    /// Events with an entry id above `after`, in entry order.
    virtual std::vector<EventRow> events(EntryId after, std::size_t limit) = 0;
    /// The entry id of the newest event; zero if there is none.
    virtual EntryId last_entry() = 0;
    virtual StoreSummary summary() = 0;
};

}  // namespace signwatch
