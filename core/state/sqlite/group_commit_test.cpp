#include "core/state/sqlite/group_commit.hpp"

#include <array>
#include <atomic>
#include <future>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "core/domain/error.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::sqlite {
namespace {

class CountingProgress : public Progress {
public:
    void reached(Step step) noexcept override { ++counts_.at(static_cast<std::size_t>(step)); }
    int count(Step step) const { return counts_.at(static_cast<std::size_t>(step)); }

private:
    std::array<std::atomic<int>, step_count> counts_{};
};

struct GroupCommitTest : ::testing::Test {
    GroupCommitTest() {
        Database database = open();
        database.script("PRAGMA journal_mode = WAL; CREATE TABLE t (x INTEGER PRIMARY KEY)");
        commits = std::make_unique<GroupCommit>(
            std::move(database), progress, [](Database&) {}, [this] { ++lost; });
    }

    Database open() { return Database(directory.path() / "t.db", Database::Mode::read_write); }

    template <typename Work>
    auto start(Access access, Work work) {
        return boost::asio::co_spawn(loop, commits->submit(access, std::move(work)), boost::asio::use_future);
    }

    // The store's thread stands still until the promise is kept, so that what follows queues up.
    std::future<void> block(std::shared_future<void> until) {
        auto blocked = start(Access::write, [this, until](Database&) {
            stands = true;
            stands.notify_one();
            until.wait();
        });
        loop.poll();
        stands.wait(false);
        return blocked;
    }

    std::int64_t rows() {
        Database other = open();
        Rows found = other.query("SELECT COUNT(*) FROM t");
        return found.next() ? found.integer(0) : -1;
    }

    testing::TempDir directory;
    CountingProgress progress;
    boost::asio::io_context loop{1};
    std::atomic<int> lost{0};
    std::atomic<bool> stands{false};
    std::unique_ptr<GroupCommit> commits;
};

void insert(Database& database, int x) {
    database.execute("INSERT INTO t VALUES (?1)", x);
}

TEST_F(GroupCommitTest, calls_that_queue_up_share_one_transaction) {
    std::promise<void> go;
    auto blocked = block(go.get_future().share());
    for (int i = 0; i < 100; ++i)
        start(Access::update_commit, [i](Database& database) { insert(database, i); });
    loop.poll();
    go.set_value();
    loop.run();
    EXPECT_EQ(rows(), 100);
    EXPECT_EQ(progress.count(Step::commit_begun), 1);
    EXPECT_EQ(progress.count(Step::commit_done), progress.count(Step::commit_begun));
}

TEST_F(GroupCommitTest, ten_thousand_concurrent_calls_are_all_answered) {
    std::vector<std::future<int>> results;
    for (int i = 0; i < 10'000; ++i) {
        results.push_back(start(Access::update_commit, [i](Database& database) {
            insert(database, i);
            return i;
        }));
    }
    loop.run();
    for (int i = 0; i < 10'000; ++i)
        ASSERT_EQ(results[static_cast<std::size_t>(i)].get(), i);
    EXPECT_EQ(rows(), 10'000);
    EXPECT_LT(progress.count(Step::commit_done), 2'000);
}

TEST_F(GroupCommitTest, a_failing_call_takes_nothing_with_it) {
    auto good = start(Access::write, [](Database& database) { insert(database, 1); });
    auto bad = start(Access::write, [](Database& database) {
        insert(database, 2);
        insert(database, 1);
    });
    auto after = start(Access::write, [](Database& database) { insert(database, 3); });
    loop.run();
    EXPECT_NO_THROW(good.get());
    EXPECT_THROW(bad.get(), Error);
    EXPECT_NO_THROW(after.get());
    EXPECT_EQ(rows(), 2);
    EXPECT_EQ(lost, 1);  // begun again, with savepoints
}

TEST_F(GroupCommitTest, a_commit_that_fails_fails_every_call_of_its_transaction) {
    std::promise<void> go;
    auto blocked = block(go.get_future().share());
    auto good = start(Access::update_commit, [](Database& database) { insert(database, 1); });
    auto fatal = start(Access::write, [](Database& database) {
        sqlite3_commit_hook(
            database.handle(), [](void*) { return 1; }, nullptr);
    });
    loop.poll();
    go.set_value();
    loop.run();
    EXPECT_THROW(good.get(), Error);
    EXPECT_THROW(fatal.get(), Error);
    EXPECT_EQ(rows(), 0);
    EXPECT_EQ(progress.count(Step::commit_done), 0);
    EXPECT_GE(lost, 1);
}

TEST_F(GroupCommitTest, reading_and_other_writing_are_no_steps_of_the_line) {
    start(Access::read, [](Database& database) { return database.in_transaction(); });
    start(Access::write, [](Database& database) { insert(database, 1); });
    loop.run();
    EXPECT_EQ(progress.count(Step::commit_begun), 0);
}

TEST_F(GroupCommitTest, reading_waits_for_no_writer_and_sees_what_is_committed) {
    const auto count = [](Database& database) {
        Rows found = database.query("SELECT COUNT(*) FROM t");
        return found.next() ? found.integer(0) : -1;
    };
    auto committed = start(Access::write, [](Database& database) { insert(database, 1); });
    loop.run();
    loop.restart();
    std::promise<void> go;
    auto blocked = start(Access::write, [until = go.get_future().share()](Database& database) {
        insert(database, 2);
        until.wait();
    });
    auto early = start(Access::read, count);
    while (early.wait_for(std::chrono::seconds{0}) != std::future_status::ready)
        loop.run_one();
    EXPECT_EQ(early.get(), 1);
    go.set_value();
    loop.run();
    loop.restart();
    auto late = start(Access::read, count);
    loop.run();
    EXPECT_EQ(late.get(), 2);
}

TEST_F(GroupCommitTest, reading_cannot_write_and_its_failure_is_its_own) {
    auto bad = start(Access::read, [](Database& database) { insert(database, 1); });
    auto good = start(Access::read, [](Database& database) { return database.in_transaction(); });
    loop.run();
    EXPECT_THROW(bad.get(), Error);
    EXPECT_TRUE(good.get());
    EXPECT_EQ(rows(), 0);
}

TEST_F(GroupCommitTest, what_was_queued_is_finished_before_the_end) {
    for (int i = 0; i < 50; ++i)
        start(Access::write, [i](Database& database) { insert(database, i); });
    loop.poll();
    commits.reset();
    EXPECT_EQ(rows(), 50);
}

TEST_F(GroupCommitTest, the_write_ahead_log_does_not_grow_without_end) {
    for (int i = 0; i < 60; ++i) {
        start(Access::write, [i](Database& database) {
            for (int j = 0; j < 20'000; ++j)
                insert(database, i * 20'000 + j);
        });
        loop.run();
        loop.restart();
    }
    EXPECT_LT(std::filesystem::file_size(directory.path() / "t.db-wal"), 12'000'000U);
}

}  // namespace
}  // namespace signwatch::sqlite
