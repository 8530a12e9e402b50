#include "core/state/postgres/group_commit.hpp"

#include <algorithm>

#include "core/domain/error.hpp"

namespace signwatch::postgres {
namespace {

constexpr std::size_t largest_batch = 512;
constexpr std::size_t most_calls_at_once = 16;

// In a transaction, so that several statements see the same state. An idle connection may have been closed: once more.
void look(Database& database, Operation& operation) {
    for (int attempts = 1;; ++attempts) {
        try {
            database.begin_reading();
            operation.run(database);
            database.commit();
            return;
        } catch (const Error& error) {
            const bool gone = error.code() == "store_unreachable" || error.code() == "store_in_doubt";
            if (gone) database.disconnect();
            if (!gone || attempts == 2) operation.fail(std::current_exception());
        } catch (...) {
            operation.fail(std::current_exception());
        }
        database.roll_back();
        if (operation.failed()) return;
    }
}

void run_unfenced(Writer& writer, Batch& batch) {
    for (auto& operation : batch) {
        try {
            writer.unfenced([&operation](Database& database) { operation->run(database); });
        } catch (...) {
            operation->fail(std::current_exception());
        }
        state::finish(std::move(operation));
    }
}

// Replicas that lock several budgets lock them in the same order: none of them waits for another in a circle.
void put_in_lock_order(Batch& batch) {
    std::stable_sort(
        batch.begin(), batch.end(), [](const auto& left, const auto& right) { return left->lock() < right->lock(); });
}

Around nothing_around() {
    return {[](Database&) {}, [] {}};
}

}  // namespace

GroupCommit::GroupCommit(const Server& server, const Membership& membership, Progress& progress, Around around)
    : writer_(server, membership, progress, std::move(around)),
      caller_(server, membership, progress, nothing_around()),
      member_(server, membership, progress, nothing_around()),
      memberships_(std::make_unique<Lane>("state-member", 1, [this](Batch& batch) { run_unfenced(member_, batch); })),
      calls_(std::make_unique<Lane>("state-calls",
                                    most_calls_at_once,
                                    [this](Batch& batch) {
                                        put_in_lock_order(batch);
                                        caller_.serve(batch);
                                    })),
      writes_(std::make_unique<Lane>("state", largest_batch, [this](Batch& batch) { writer_.serve(batch); })) {
    for (int i = 0; i < server.readers; ++i) {
        Database& database = *readers_.emplace_back(std::make_unique<Database>(server));
        reads_.push_back(std::make_unique<Lane>("state-reads", largest_batch, [&database](Batch& batch) {
            for (auto& operation : batch) {
                look(database, *operation);
                state::finish(std::move(operation));
            }
        }));
    }
}

void GroupCommit::close(const std::function<void(Database&)>& last) {
    writes_.reset();
    calls_.reset();
    memberships_.reset();
    reads_.clear();
    try {
        member_.unfenced(last);
    } catch (const Error&) {
        // What is left behind ends with the lease.
    }
}

}  // namespace signwatch::postgres
