#pragma once

#include <functional>
#include <optional>
#include <unordered_set>
#include <vector>

#include "core/pipeline/account.hpp"
#include "core/pipeline/backoff.hpp"
#include "core/pipeline/document_keeper.hpp"
#include "core/pipeline/line_parts.hpp"
#include "core/pipeline/repeat_gaps.hpp"

namespace signwatch::pipeline {

/// The line: record, download, verify, store durably, commit with the event, acknowledge. Every step is repeatable from
/// the update's row; what fails is deferred or parked there. Event-loop thread.
class UpdateProcessor {
public:
    /// `on_committed`: a new event is in the outbox. `wake_recovery`: an update that waited for its predecessor
    /// may go now.
    UpdateProcessor(LineParts parts, std::function<void()> on_committed, std::function<void()> wake_recovery);

    /// A status update fresh from a poll of a queue: records it, downloads its documents meanwhile, and takes it down
    /// the line; `open_poll` is closed as soon as it is recorded.
    Task<void> take(Account& account, StatusUpdate update, InFlight flight, OpenPoll open_poll);

    /// Records an update; gives it back if it is to go down the line now. Throws Error when it could not be recorded.
    Task<std::optional<PendingUpdate>> record(StatusUpdate update);

    /// Takes an update that was just recorded down the line.
    Task<void> follow(Account& account, PendingUpdate pending, InFlight flight);

    /// An update from its row: after a restart, when its next attempt is due, or when its predecessor is done.
    Task<void> resume(Account& account, PendingUpdate pending, InFlight flight);

private:
    /// `fresh`: just delivered to us, not taken up from its row.
    Task<void> go_on(Account& account, PendingUpdate pending, bool fresh, const Downloads& begun);
    Task<void> bring_home_and_commit(Account& account, const PendingUpdate& pending, const Downloads& begun);
    milliseconds until_it_may_ask(const Account& account, const PendingUpdate& pending) const;
    std::optional<WallTime> no_question_before(const Account& account) const;
    void note_asked(const Account& account, const PendingUpdate& pending);
    Task<void> commit(Account& account,
                      const PendingUpdate& pending,
                      StatusUpdate whole,
                      std::vector<StoredDocument> documents);
    Task<void> acknowledge(Account& account, const PendingUpdate& pending, bool fresh);
    Task<void> send_acknowledgement(Account& account, const PendingUpdate& pending);
    Task<void> put_off(Account& account, const PendingUpdate& pending, Error error);
    Task<void> park(Account& account, const PendingUpdate& pending, const Error& error);

    LineParts parts_;
    DocumentKeeper keeper_;
    std::function<void()> on_committed_;
    std::function<void()> wake_recovery_;
    Backoff backoff_;
    RepeatGaps gaps_;
    std::unordered_set<UpdateId> under_way_;
    std::unordered_set<UpdateId> waiting_;  ///< recorded behind a predecessor and not yet resumed
};

}  // namespace signwatch::pipeline
