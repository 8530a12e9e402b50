#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/ports/retention.hpp"
#include "core/state/postgres/database.hpp"

/// What leaves the record with a process that is over, and what stays of it.
namespace signwatch::postgres {

/// How many processes one step looks at, so that nobody waits long behind it.
constexpr std::size_t process_step = 100;

/// Where a prune of processes has come to.
struct OldProcesses {
    std::int64_t updated_at = 0;  ///< the last one that was looked at among those that have ended
    std::int64_t process = 0;
    std::int64_t removed_watch = 0;  ///< the same among those that were removed by order
    bool ended_done = false;
    bool done = false;
    std::size_t pruned = 0;  ///< by the last step
};

/// One step of StateStore::prune_processes.
OldProcesses prune_processes(Database& database, const PruneProcesses& request, OldProcesses so_far);

std::vector<std::string> unowned_documents(Database& database, WallTime before, std::size_t limit);
void forget_documents(Database& database, const std::vector<std::string>& documents);

/// A process names this document now.
void own_document(Database& database, const std::string& sha256);

}  // namespace signwatch::postgres
