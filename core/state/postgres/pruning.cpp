#include "core/state/postgres/pruning.hpp"

#include <utility>

#include "core/state/postgres/notifications.hpp"

namespace signwatch::postgres {

Task<std::size_t> Pruning::events(WallTime before) {
    std::size_t rows = 0;
    bool more = true;
    while (more) {
        const Pruned step = co_await events_step(before);
        rows += step.rows;
        more = step.more;
    }
    co_return rows;
}

Task<std::size_t> Pruning::notifications(std::vector<std::string> accounts, WallTime before) {
    std::size_t rows = 0;
    bool more = true;
    while (more) {
        const Pruned step = co_await notifications_step(accounts, before);
        rows += step.rows;
        more = step.more;
    }
    co_return rows;
}

Task<PrunedProcesses> Pruning::processes(PruneProcesses request) {
    const OldProcesses step = co_await processes_step(request, old_processes_);
    old_processes_ = step.done ? OldProcesses() : step;
    co_return PrunedProcesses{step.pruned, step.done};
}

Task<Pruned> Pruning::events_step(WallTime before) {
    return commits_.submit(Access::write, [before](Database& database) { return prune(database, before); });
}

Task<Pruned> Pruning::notifications_step(std::vector<std::string> accounts, WallTime before) {
    return commits_.submit(Access::write, [accounts = std::move(accounts), before](Database& database) {
        return prune_notifications(database, accounts, before);
    });
}

Task<OldProcesses> Pruning::processes_step(PruneProcesses request, OldProcesses so_far) {
    return commits_.submit(
        Access::write, [request, so_far](Database& database) { return prune_processes(database, request, so_far); });
}

}  // namespace signwatch::postgres
