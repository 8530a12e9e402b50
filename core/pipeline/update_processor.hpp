#pragma once

#include <functional>
#include <optional>
#include <unordered_set>
#include <vector>

#include "core/pipeline/account.hpp"
#include "core/pipeline/backoff.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/document_store.hpp"
#include "core/ports/observer.hpp"
#include "core/ports/progress.hpp"
#include "core/ports/state_store.hpp"
#include "core/ports/verifier.hpp"

namespace signwatch::pipeline {

/// What the line works with; all outlive it.
struct LineParts {
    boost::asio::any_io_executor loop;
    Clock& clock;
    StateStore& state;
    DocumentStore& documents;
    DocumentVerifier& verifier;
    Observer& observer;
    Progress& progress;
};

/// The line: record, download, verify, store durably, commit with the event, acknowledge. Every step is repeatable from
/// the update's row; what fails is deferred or parked there. Event-loop thread.
class UpdateProcessor {
public:
    /// `on_committed`: a new event is in the outbox. `wake_recovery`: an update that waited for its predecessor
    /// may go now.
    UpdateProcessor(LineParts parts, std::function<void()> on_committed, std::function<void()> wake_recovery);

    /// A status update fresh from a poll; `open_poll` is closed as soon as the update is recorded.
    Task<void> take(Account& account, StatusUpdate update, InFlight flight, OpenPoll open_poll);

    /// An update from its row: after a restart, when its next attempt is due, or when its predecessor is done.
    Task<void> resume(Account& account, PendingUpdate pending, InFlight flight);

private:
    /// `fresh`: just delivered to us, not taken up from its row.
    Task<void> go_on(Account& account, PendingUpdate pending, bool fresh);
    Task<void> follow_the_line(Account& account, const PendingUpdate& pending, bool fresh);
    Task<std::vector<StoredDocument>> bring_home(Account& account, const StatusUpdate& update);
    Task<StoredDocument> bring_home_one(Account& account, const StatusUpdate& update, DocumentRef ref);
    Task<Verification> verify(const StatusUpdate& update,
                              DocumentKind kind,
                              StagedDocument& staged,
                              std::uint64_t size);
    Task<void> commit(const PendingUpdate& pending, std::vector<StoredDocument> documents);
    Task<void> acknowledge(Account& account, const PendingUpdate& pending, bool fresh);
    Task<void> send_acknowledgement(Account& account, const PendingUpdate& pending);
    Task<void> put_off(Account& account, const PendingUpdate& pending, Error error);
    Task<void> park(const PendingUpdate& pending, const Error& error);

    LineParts parts_;
    std::function<void()> on_committed_;
    std::function<void()> wake_recovery_;
    Backoff backoff_;
    std::unordered_set<UpdateId> under_way_;
    std::unordered_set<UpdateId> waiting_;  ///< recorded behind a predecessor and not yet resumed
};

}  // namespace signwatch::pipeline
