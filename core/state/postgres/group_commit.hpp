#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/ports/task.hpp"
#include "core/state/postgres/writer.hpp"

namespace signwatch::postgres {

/// The store's threads, each with a connection of its own. One takes all writing calls that have queued up and performs
/// them in one transaction, in their order. One decides on calls of shared budgets, a few in a transaction, so that a
/// budget that all replicas wait for is held for a moment only. One keeps the membership, so that a lease never waits
/// behind work. Some only read what is committed.
class GroupCommit {
public:
    GroupCommit(const Server& server, const Membership& membership, Progress& progress, Around around);
    GroupCommit(const GroupCommit&) = delete;
    GroupCommit& operator=(const GroupCommit&) = delete;

    /// Finishes what was queued and takes nothing more; then does `last`, if the database still answers.
    void close(const std::function<void(Database&)>& last);

    /// Runs `work(Database&)` on a thread of the store and resumes the caller when its result is durable. `work` owns
    /// what it uses.
    template <typename Work>
    auto submit(Access access, Work work) -> Task<std::invoke_result_t<Work&, Database&>> {
        Lane& lane = access == Access::read ? *reads_[next_reader_++ % reads_.size()] : *writes_;
        return give(lane, access, std::move(work));
    }
    /// For a call on the budget `budget`, whose row `work` locks.
    template <typename Work>
    auto submit_call(std::string budget, Work work) -> Task<std::invoke_result_t<Work&, Database&>> {
        return state::submit<Database>(
            Access::write,
            [this, budget = std::move(budget)](std::unique_ptr<Operation> operation) {
                operation->will_lock(budget);
                calls_->add(std::move(operation));
            },
            std::move(work));
    }
    /// For the membership itself: in a transaction that proves no lease.
    template <typename Work>
    auto submit_unfenced(Work work) -> Task<std::invoke_result_t<Work&, Database&>> {
        return give(*memberships_, Access::write, std::move(work));
    }

private:
    template <typename Work>
    static auto give(Lane& lane, Access access, Work work) -> Task<std::invoke_result_t<Work&, Database&>> {
        return state::submit<Database>(
            access, [&lane](std::unique_ptr<Operation> operation) { lane.add(std::move(operation)); }, std::move(work));
    }

    Writer writer_;
    Writer caller_;
    Writer member_;
    std::vector<std::unique_ptr<Database>> readers_;
    std::vector<std::unique_ptr<Lane>> reads_;
    std::size_t next_reader_ = 0;
    std::unique_ptr<Lane> memberships_;
    std::unique_ptr<Lane> calls_;
    std::unique_ptr<Lane> writes_;
};

}  // namespace signwatch::postgres
