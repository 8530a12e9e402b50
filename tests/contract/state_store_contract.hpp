#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/domain/error.hpp"
#include "core/ports/state_store.hpp"
#include "core/ports/state_view.hpp"
#include "tests/contract/loop.hpp"

namespace signwatch::testing {

/// One empty record under test, with what the contract needs to look at it from all sides.
class StateStoreUnderTest {
public:
    virtual ~StateStoreUnderTest() = default;
    virtual StateStore& store() = 0;
    virtual StateView& view() = 0;
    /// Closes and opens the store, as a restart of the daemon does.
    virtual void reopen() = 0;
};

using StateStoreFactory = std::function<std::unique_ptr<StateStoreUnderTest>()>;

/// What every StateStore must do: the port's comments as tests. Instantiate with INSTANTIATE_TEST_SUITE_P.
class StateStoreContract : public ::testing::TestWithParam<StateStoreFactory> {
protected:
    static WallTime at(std::int64_t seconds) { return from_unix_ms(1'700'000'000'000 + seconds * 1000); }

    StateStore& store() { return subject_->store(); }
    StateView& view() { return subject_->view(); }
    void reopen() { subject_->reopen(); }
    template <typename T>
    T wait(Task<T> task) {
        return loop_.wait(std::move(task));
    }

    // Watches.
    static WatchKey queue(const std::string& account, const std::string& target);
    void sync(const std::string& account, const std::vector<std::string>& targets, WallTime now);
    std::vector<Watch> claim(const std::vector<std::string>& accounts, WallTime now, std::size_t limit = 100);
    std::vector<std::string> claim_targets(const std::string& account, WallTime now);
    std::vector<WatchRow> watches_of(const std::string& account);
    void settle(WatchId watch, WallTime due_at, bool defer_account = false);

    // Updates of account "acme".
    static StatusUpdate make_update(const std::string& process, const std::string& fingerprint, ProcessState state);
    static EventComposer make_event();
    RecordResult record(const StatusUpdate& update, WallTime delivered_at);
    bool commit(UpdateId id, WallTime now);
    /// Records and commits.
    UpdateId commit_new(const std::string& process, const std::string& fingerprint, ProcessState state, WallTime now);
    AcknowledgeTicket begin(UpdateId id, WallTime now);
    void end(UpdateId id, AcknowledgeResult result);
    void park(UpdateId id, WallTime now);
    void defer(UpdateId id, WallTime next, bool counts);
    std::vector<PendingUpdate> unfinished(WallTime now, WallTime lease_until, std::size_t limit = 100);
    std::vector<UpdateId> unfinished_ids(WallTime now, WallTime lease_until);
    std::vector<OutboxEvent> outbox(std::size_t limit = 100);
    UpdateRow row_of(const std::string& process, UpdateId id);
    ProcessDetail detail(const std::string& process);

    Loop loop_;

private:
    std::unique_ptr<StateStoreUnderTest> subject_ = GetParam()();
};

}  // namespace signwatch::testing
