#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "core/ports/progress.hpp"
#include "core/ports/task.hpp"
#include "core/state/shared/lane.hpp"
#include "core/state/sqlite/database.hpp"

namespace signwatch::sqlite {

using state::Access;
using Operation = state::Operation<Database>;
using Batch = state::Batch<Database>;
using Lane = state::Lane<Database>;

/// The store's threads. One takes all writing calls that have queued up, runs them in one transaction, commits, and
/// then answers all: many callers share one fsync, and nobody waits for company. A call that throws undoes itself
/// alone: the transaction is begun again with a savepoint for each, so calls may run twice and must not mind. A COMMIT
/// that fails, fails all of its transaction. The other runs what only reads, on a connection of its own that sees what
/// is committed: reading waits for no fsync. Destroying it finishes what was queued.
class GroupCommit {
public:
    /// On the writing thread: `admit` begins every transaction, and what it throws ends that; `on_rollback` is called
    /// when a whole transaction was lost.
    GroupCommit(Database database,
                Progress& progress,
                std::function<void(Database&)> admit,
                std::function<void()> on_rollback);
    GroupCommit(const GroupCommit&) = delete;
    GroupCommit& operator=(const GroupCommit&) = delete;

    /// Runs `work(Database&)` on a thread of the store and resumes the caller when its result is durable. `work` owns
    /// what it uses.
    template <typename Work>
    auto submit(Access access, Work work) -> Task<std::invoke_result_t<Work&, Database&>>;

private:
    void enqueue(std::unique_ptr<Operation> operation);
    void write(Batch& batch);
    void begin();
    void perform(Batch& batch);
    bool perform_together(Batch& batch);
    void perform_each(Batch& batch);
    static void fail_all(Batch& batch, const std::exception_ptr& error);
    void undo();
    void attempt(Operation& operation);
    void commit(const Batch& batch);
    void checkpoint_if_worthwhile();
    void read(Batch& batch);
    void open_reader();
    void look(Operation& operation);

    Database database_;
    std::optional<Database> reader_;  ///< opened by the first call that reads
    Progress& progress_;
    std::function<void(Database&)> admit_;
    std::function<void()> on_rollback_;
    int wal_pages_ = 0;
    Lane writes_;
    Lane reads_;
};

template <typename Work>
auto GroupCommit::submit(Access access, Work work) -> Task<std::invoke_result_t<Work&, Database&>> {
    return state::submit<Database>(
        access, [this](std::unique_ptr<Operation> operation) { enqueue(std::move(operation)); }, std::move(work));
}

}  // namespace signwatch::sqlite
