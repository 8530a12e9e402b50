#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/domain/event.hpp"
#include "core/domain/registration.hpp"
#include "core/domain/status_update.hpp"
#include "core/domain/watch.hpp"
#include "core/ports/call_journal.hpp"
#include "core/ports/fleet.hpp"
#include "core/ports/keepsakes.hpp"
#include "core/ports/notification_inbox.hpp"
#include "core/ports/notification_queue.hpp"
#include "core/ports/provider.hpp"
#include "core/ports/record_repair.hpp"
#include "core/ports/retention.hpp"
#include "core/ports/task.hpp"

namespace signwatch {

/// Takes due watches: those of the given accounts with due_at <= now, hurried ones first, then oldest first, for each
/// account up to its own limit, so that no account waits for another. Each is rescheduled to now plus its account's
/// `unanswered_wait` in the same transaction, so that a crash before the answer can never make us poll early. Where
/// there is a `repeat_gap`, a watch that was claimed or settled less than that ago is not given, neither hurried nor in
/// its turn, but moved to when it may be: with the claim to now plus `unanswered_wait` (at least the gap), then as it
/// is settled. A watch whose look is under way is not given again as a hurried one before it is settled.
struct ClaimWatches {
    struct Account {
        std::string account;
        milliseconds unanswered_wait;
        std::size_t limit = 100;
        std::size_t regular = 1'000'000;  ///< of these, at most so many that are not hurried
        milliseconds repeat_gap{};        ///< 0: no such rule
    };
    WallTime now;  ///< schedule timeline, like all times here
    std::vector<Account> accounts;
};

struct SettleWatch {
    WatchId watch = 0;
    WallTime due_at;
    PollMemory memory;
    bool answered = false;  ///< the poll got a proper answer: moves last_success_at
    WallTime settled_at;
    bool hurried = false;                 ///< as in the watch that was claimed; answered, its extra look is over
    std::optional<std::string> bookmark;  ///< replaces the watch's; absent: that stays
    std::optional<WallTime> repeat_from;  ///< the earliest next look of any kind, where there is a repeat gap
    bool under_way = false;               ///< only the claim is renewed: the poll is still to come
    bool ends = false;                    ///< it is not looked at any more: the provider will say nothing new, or
    bool parks = false;                   ///< looking is in vain, until an operator orders a retry
    bool goes_on = false;                 ///< it had ended and has not: it is looked at again, from due_at on
    bool defer_account = false;           ///< no watch of the same account may be due before due_at either
    bool refused = false;  ///< by our own budget, nobody was asked: a hint that came meanwhile does not wait for due_at
};

enum class Recorded {
    added,        ///< new: go through the line
    waiting,      ///< new, but an earlier update of the process is not committed yet: it will be claimed in its turn
    in_progress,  ///< a redelivery of one that is on its way: its locators were refreshed, nothing to do
    committed,    ///< a redelivery of one that is durable: acknowledge again, no second event
    parked,       ///< a redelivery of a parked one: its locators were refreshed, nothing to do
};

struct RecordResult {
    UpdateId id = 0;
    Recorded outcome = Recorded::added;
};

/// What an event composer learns inside the commit transaction.
struct EventContext {
    std::uint64_t sequence = 0;  ///< of this event for its process, from 1 without a gap
    ProcessState previous_state = ProcessState::created;
    bool first = false;  ///< nothing was known of the process before
    std::string correlation_id;
    std::vector<Label> labels;
    WallTime now;  ///< civil time
};

/// Pure function; runs on the store's thread inside the transaction.
using EventComposer = std::function<EventMessage(const EventContext&)>;

struct CommitUpdate {
    UpdateId id = 0;
    /// What Provider::complete made of it: replaces what was recorded. If its fingerprint differs, it is what was seen
    /// of its watch, which it may also end.
    std::optional<StatusUpdate> completed;
    std::vector<StoredDocument> documents;
    EventComposer compose;
    WallTime now;                         ///< civil time: of history and event
    std::optional<WallTime> repeat_from;  ///< the earliest next look at its watch, where there is a repeat gap
};

/// A process whose local deadline has passed, as the newest committed update left it.
struct PassedDeadline {
    std::int64_t row = 0;
    ProviderKind provider = ProviderKind::posten;
    std::string account;
    std::string process_id;
    std::string correlation_id;
    std::string provider_status;  ///< empty: nothing was ever found
    std::vector<Participant> participants;
    WallTime deadline;  ///< civil time
};

/// First looks of freshly registered processes (schedule timeline).
struct FirstLooks {
    std::vector<std::optional<WallTime>> due_at;  ///< one for each registration; nullopt: queues bring its updates
    WallTime now;
};

enum class AcknowledgePermit {
    send,          ///< the attempt is counted durably: send it now
    not_expected,  ///< nothing to acknowledge (no address, or held)
    leave,         ///< a late acknowledgement could hit a newer update: leave it, redelivery gives a fresh chance
};

struct BeginAcknowledge {
    UpdateId id = 0;
    WallTime now;  ///< schedule timeline
    milliseconds
        window{};  ///< non-final updates: none later than delivery plus this, and none once a newer update is recorded
};

struct AcknowledgeTicket {
    AcknowledgePermit permit = AcknowledgePermit::leave;
    int attempt = 0;  ///< 1 for the first
};

enum class AcknowledgeResult {
    done,
    assumed,  ///< already gone at the provider, and we had tried before
    left,     ///< not acknowledged; wait for redelivery
};

struct DeferUpdate {
    UpdateId id = 0;
    WallTime next_attempt_at;
    std::string code;     ///< why, a short fixed token
    bool counts = false;  ///< towards parking; provider outages do not
};

struct ParkUpdate {
    UpdateId id = 0;
    std::string code;
    EventComposer compose;  ///< the attention event
    WallTime now;
    std::optional<WallTime> retry_from;  ///< schedule timeline: not even an operator's order starts it earlier
};

/// The record of everything: watches, updates, processes, documents, outbox. Every method is one atomic, durable step
/// when it returns, and safe to repeat after a crash. Concurrent calls may share a transaction. Failures are
/// Error(transient, "store_..."), Error(integrity, "store_corrupt") or Error(cancelled, "lease_lost"). Parameters are
/// values because they travel to the store's own thread.
class StateStore : public CallJournal,
                   public Keepsakes,
                   public NotificationInbox,
                   public NotificationQueue,
                   public RecordRepair,
                   public Retention,
                   public Fleet {
public:
    // Watches.
    /// Makes the standing watches of an account exist, due at once if new; those no longer configured are removed.
    virtual Task<void> sync_watches(std::string account, std::vector<WatchKey> standing, WallTime now) = 0;
    virtual Task<std::vector<Watch>> claim_due_watches(ClaimWatches claim) = 0;
    virtual Task<void> settle_watch(SettleWatch settlement) = 0;
    /// Gives standing watches an extra, hurried look now; the account may still have to wait.
    virtual Task<void> hurry_watches(std::vector<WatchKey> standing, WallTime now) = 0;
    /// When the next watch of these accounts is due; nullopt if there is none.
    virtual Task<std::optional<WallTime>> next_due(std::vector<std::string> accounts) = 0;

    /// How many watches of the account are looked at; those that rest are not.
    virtual Task<std::size_t> count_watches(std::string account) = 0;

    // Processes that callers have named.
    /// In one transaction; one result for each, in order; a conflict refuses that one alone. A process that has ended
    /// gets no watch again, one that was removed does. One that a webhook has hinted at before gets its look now.
    virtual Task<std::vector<RegisterResult>> register_processes(std::vector<Registration> registrations,
                                                                 FirstLooks looks,
                                                                 WallTime now) = 0;
    /// `removed` processes keep their record and documents, but are neither looked at nor reported any more.
    virtual Task<OrderOutcome> order_process(std::string account,
                                             std::string process_id,
                                             ProcessOrder order,
                                             WallTime schedule_now) = 0;
    /// Deadlines of these accounts that have passed and were not reported yet. The report is a status update like any
    /// other, with reason "local-deadline"; once it is committed only the provider's end of the process is still
    /// reported.
    virtual Task<std::vector<PassedDeadline>> passed_deadlines(std::vector<std::string> accounts,
                                                               WallTime now,
                                                               std::size_t limit) = 0;
    /// Its report is recorded.
    virtual Task<void> end_deadline(std::int64_t row) = 0;
    virtual Task<std::optional<WallTime>> next_deadline(std::vector<std::string> accounts) = 0;

    // Updates, in the order of the line.
    virtual Task<RecordResult> record_update(StatusUpdate update, WallTime delivered_at) = 0;
    virtual Task<void> record_unreadable(std::string account, UnreadableAnswer answer, WallTime now) = 0;
    /// True if this call committed it, false if it was committed before. Once per update an event goes into the outbox;
    /// and once more when its documents were fetched again (RecordRepair) and are not what they were: true as well.
    virtual Task<bool> commit_update(CommitUpdate commit) = 0;
    virtual Task<AcknowledgeTicket> begin_acknowledge(BeginAcknowledge request) = 0;
    virtual Task<void> end_acknowledge(UpdateId id, AcknowledgeResult result, WallTime now) = 0;
    virtual Task<void> defer_update(DeferUpdate deferral) = 0;
    virtual Task<void> park_update(ParkUpdate park) = 0;

    // Recovery.
    /// Makes every unfinished update of these accounts due now: called once at start, before anything is polled. With a
    /// `repeat_gap`, when it has passed: the last attempt may have ended with the daemon, just now.
    virtual Task<std::size_t> resume_unfinished(std::vector<std::string> accounts,
                                                WallTime now,
                                                milliseconds repeat_gap = {}) = 0;
    /// Unfinished updates that are due, oldest first, at most one per process that is not yet committed; each start is
    /// counted, and none is given again before `lease_until`.
    virtual Task<std::vector<PendingUpdate>> claim_unfinished(std::vector<std::string> accounts,
                                                              WallTime now,
                                                              WallTime lease_until,
                                                              std::size_t limit) = 0;
    virtual Task<std::optional<WallTime>> next_unfinished(std::vector<std::string> accounts) = 0;
    /// An operator's order: parked updates of this process (empty: of every process) of the account start afresh, due
    /// now.
    virtual Task<std::size_t> retry_parked(std::string account, std::string process_id, WallTime now) = 0;

    // Outbox.
    /// The oldest unpublished events in entry order; their entry ids are durable.
    virtual Task<std::vector<OutboxEvent>> claim_outbox(std::size_t limit) = 0;
    virtual Task<void> mark_published(std::vector<std::int64_t> rows, WallTime now) = 0;
    /// The highest entry id ever marked published.
    virtual Task<EntryId> published_end() = 0;
    /// The stream lost what is behind `end`: events we still hold become unpublished again. Returns how many.
    virtual Task<std::size_t> reopen_outbox(EntryId end) = 0;
    /// Published events behind `after` in entry order, without their JSON.
    virtual Task<std::vector<OutboxEvent>> published_after(EntryId after, std::size_t limit) = 0;
    /// Gives rows new entry ids, above `floor` and above every id given before, in their old order.
    virtual Task<void> reassign_entries(std::vector<std::int64_t> rows, EntryId floor, WallTime now) = 0;

    // Housekeeping.
    /// One durable write: throws while the store could not commit.
    virtual Task<void> probe() = 0;
};

}  // namespace signwatch
