#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/ports/retention.hpp"
#include "core/ports/task.hpp"
#include "core/state/shared/lane.hpp"

/// How every store removes what is old: in steps that are transactions of their own, so that nobody waits long behind
/// them.
namespace signwatch::state {

/// The most rows of one kind that one step of a prune touches.
constexpr std::size_t prune_step = 500;

/// How many processes one step looks at.
constexpr std::size_t process_step = 100;

/// What one step of StateStore::prune has removed, oldest first. Less than a full step of every kind means that nothing
/// is left to do.
struct Pruned {
    std::size_t rows = 0;
    bool more = false;
};

/// Where a prune of processes has come to.
struct OldProcesses {
    std::int64_t updated_at = 0;  ///< the last one that was looked at among those that have ended
    std::int64_t process = 0;
    std::int64_t removed_watch = 0;  ///< the same among those that were removed by order
    bool ended_done = false;
    bool done = false;
    std::size_t pruned = 0;  ///< by the last step
};

/// The prunes of StateStore. The store's own steps are found by its Database: prune, prune_notifications and
/// prune_processes. `Commits` is its group commit.
template <typename Commits>
class Pruning {
public:
    explicit Pruning(Commits& commits) : commits_(commits) {}

    Task<std::size_t> events(WallTime before) {
        std::size_t rows = 0;
        bool more = true;
        while (more) {
            const Pruned step = co_await events_step(before);
            rows += step.rows;
            more = step.more;
        }
        co_return rows;
    }

    Task<std::size_t> notifications(std::vector<std::string> accounts, WallTime before) {
        std::size_t rows = 0;
        bool more = true;
        while (more) {
            const Pruned step = co_await notifications_step(accounts, before);
            rows += step.rows;
            more = step.more;
        }
        co_return rows;
    }

    /// One step; the next goes on where it has ended.
    Task<PrunedProcesses> processes(PruneProcesses request) {
        const OldProcesses step = co_await processes_step(request, old_processes_);
        old_processes_ = step.done ? OldProcesses() : step;
        co_return PrunedProcesses{step.pruned, step.done};
    }

private:
    Task<Pruned> events_step(WallTime before) {
        return commits_.submit(Access::write, [before](auto& database) { return prune(database, before); });
    }
    Task<Pruned> notifications_step(std::vector<std::string> accounts, WallTime before) {
        return commits_.submit(Access::write, [accounts = std::move(accounts), before](auto& database) {
            return prune_notifications(database, accounts, before);
        });
    }
    Task<OldProcesses> processes_step(PruneProcesses request, OldProcesses so_far) {
        return commits_.submit(
            Access::write, [request, so_far](auto& database) { return prune_processes(database, request, so_far); });
    }

    Commits& commits_;
    OldProcesses old_processes_;
};

}  // namespace signwatch::state
