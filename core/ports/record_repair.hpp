#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/domain/event.hpp"
#include "core/domain/status_update.hpp"
#include "core/domain/watch.hpp"
#include "core/ports/task.hpp"

namespace signwatch {

/// How reconciliation mends the record. Each is one short transaction that first makes sure the row is still as it was
/// reported, so it is right beside a running daemon, which then does the work by its usual ways: recovery, scheduler,
/// relay, under the usual budgets. Part of every StateStore; same errors, same thread.
class RecordRepair {
public:
    virtual ~RecordRepair() = default;

    /// Puts a committed update back to stage received, due now, so that its documents are brought home again; `whole`:
    /// by asking the provider for all of it (Provider::complete). Committed once more it is where it was before,
    /// without a second event, unless the documents came back as other bytes. False: it is on its way, parked or
    /// unknown.
    virtual Task<bool> fetch_again(UpdateId id, bool whole, WallTime now) = 0;

    /// An unfinished update that would never be taken up, or is overdue, is due now. False: it is finished.
    virtual Task<bool> resume_update(UpdateId id, WallTime now) = 0;

    /// Gives watches that do not rest and have no place in the schedule one. Returns how many.
    virtual Task<std::size_t> reschedule_watches(std::vector<WatchId> watches, WallTime due_at) = 0;

    /// Moves a watch that still stands at `stands_at` in the schedule to `due_at`.
    virtual Task<bool> move_watch(WatchId watch, WallTime stands_at, WallTime due_at) = 0;

    /// A registered process that has not ended is looked at again, as if nothing had been seen of it: its ended watch
    /// goes on, or it gets one. False: it is looked at, rests by order, has ended, or is unknown.
    virtual Task<bool> follow_again(std::string account, std::string process_id, WallTime due_at) = 0;

    /// Events that are marked published under just these entry ids become unpublished. Returns how many.
    virtual Task<std::size_t> reopen_events(std::vector<OutboxEvent> events) = 0;
};

}  // namespace signwatch
