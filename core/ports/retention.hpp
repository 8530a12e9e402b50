#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/domain/time.hpp"
#include "core/ports/task.hpp"

namespace signwatch {

/// Which processes have been over for long enough.
struct PruneProcesses {
    WallTime before;            ///< civil time: their last event is older
    WallTime delivered_before;  ///< schedule timeline: the provider has not offered an update of theirs since
    WallTime now;               ///< civil time: since when no process names their documents
};

/// One step of that.
struct PrunedProcesses {
    std::size_t processes = 0;  ///< how many have left the record
    bool all_seen = false;      ///< the next step begins with the oldest again
};

/// How the record forgets what is over, so that it does not grow without bound. Each call works in short transactions,
/// between which others have their turn, and is safe to repeat after a crash. Part of every StateStore; same errors,
/// same thread.
class Retention {
public:
    virtual ~Retention() = default;

    /// Removes published events, finished updates' raw bodies and unreadable answers older than `before`. Returns rows
    /// touched.
    virtual Task<std::size_t> prune(WallTime before) = 0;

    /// Removes processes with everything that is theirs but their documents: those that have ended and are not looked
    /// at any more, and those that were removed by order. Whatever has an unfinished, parked or final but
    /// unacknowledged update, an event that prune has not removed yet, or a watch in the schedule, stays. Of their
    /// documents the record goes on to say that they are stored. Each call looks at some, oldest first, and goes on
    /// where the last one stopped.
    virtual Task<PrunedProcesses> prune_processes(PruneProcesses request) = 0;

    /// Documents that no process names any more since before `before`, oldest first; by their SHA-256.
    virtual Task<std::vector<std::string>> unowned_documents(WallTime before, std::size_t limit) = 0;

    /// The record says no longer that these are stored, unless a process names them.
    virtual Task<void> forget_documents(std::vector<std::string> sha256) = 0;
};

}  // namespace signwatch
