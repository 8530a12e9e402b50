#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/ports/retention.hpp"
#include "core/ports/task.hpp"
#include "core/state/sqlite/group_commit.hpp"
#include "core/state/sqlite/housekeeping.hpp"
#include "core/state/sqlite/old_processes.hpp"

namespace signwatch::sqlite {

/// The prunes of StateStore, each in steps that are transactions of their own, so that nobody waits long behind them.
class Pruning {
public:
    explicit Pruning(GroupCommit& commits) : commits_(commits) {}

    Task<std::size_t> events(WallTime before);
    Task<std::size_t> notifications(std::vector<std::string> accounts, WallTime before);
    /// One step; the next goes on where it has ended.
    Task<PrunedProcesses> processes(PruneProcesses request);

private:
    Task<Pruned> events_step(WallTime before);
    Task<Pruned> notifications_step(std::vector<std::string> accounts, WallTime before);
    Task<OldProcesses> processes_step(PruneProcesses request, OldProcesses so_far);

    GroupCommit& commits_;
    OldProcesses old_processes_;  ///< how far the prune of processes has come
};

}  // namespace signwatch::sqlite
