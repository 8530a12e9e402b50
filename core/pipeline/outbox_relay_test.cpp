// The relay on a real record, with streams in memory that lose, fail and come back.
#include "core/pipeline/outbox_relay.hpp"

#include <functional>
#include <set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "core/runtime/system_clock.hpp"
#include "core/runtime/task_group.hpp"
#include "core/state/sqlite/sqlite_state_store.hpp"
#include "tests/fakes/memory_event_stream.hpp"
#include "tests/fakes/recording_observer.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::pipeline {
namespace {

using namespace std::chrono_literals;
using signwatch::testing::MemoryEventStreams;
using signwatch::testing::NoProgress;
using signwatch::testing::RecordingObserver;
using signwatch::testing::TempDir;

struct RelayTest : ::testing::Test {
    template <typename T>
    T wait(Task<T> task) {
        std::optional<T> result;
        boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr failure, T value) {
            ASSERT_FALSE(failure);
            result = std::move(value);
        });
        while (!result) {
            loop.restart();
            loop.run_one();
        }
        return std::move(*result);
    }

    /// A status change of each process; the sequence goes on.
    void happen(const std::vector<std::string>& processes) {
        for (const std::string& process : processes) {
            StatusUpdate update;
            update.account = "acme";
            update.process_id = process;
            update.state = ProcessState::in_progress;
            update.provider_status = "S";
            update.fingerprint = "f" + std::to_string(++changes);
            CommitUpdate commit;
            commit.id = wait(state->record_update(update, clock.now())).id;
            commit.now = clock.now();
            commit.compose = [process](const EventContext& context) {
                EventMessage message;
                message.id = process + "-" + std::to_string(context.sequence);
                message.partition_key = "posten/acme/" + process;
                message.sequence = context.sequence;
                message.json = "{}";
                return message;
            };
            wait(state->commit_update(commit));
        }
    }

    /// A relay works, as after a start, until `done`.
    void relay_until(const std::function<bool()>& done) {
        OutboxRelay relay(clock, *state, streams, observer, progress);
        tasks.spawn("relay", relay.run());
        const auto deadline = std::chrono::steady_clock::now() + 60s;
        while (!done() && std::chrono::steady_clock::now() < deadline) {
            loop.restart();
            loop.run_one_for(10ms);
        }
        EXPECT_TRUE(done());
        relay.stop();
        loop.restart();
        loop.run();
    }
    void relay_all() {
        relay_until([this] { return depth() == 0; });
    }

    std::size_t depth() { return view->summary().outbox_depth; }
    std::size_t entries() const {
        std::size_t count = 0;
        for (const auto& [partition, stream] : streams.all())
            count += stream.entries().size();
        return count;
    }
    /// Each event once, those of a process in one stream and in their order.
    void expect_in_order(const std::set<Partition>& where) {
        std::map<std::string, std::pair<Partition, std::uint64_t>> seen;
        for (const auto& [partition, stream] : streams.all()) {
            if (!where.contains(partition)) continue;
            for (const OutboxEvent& event : stream.entries()) {
                auto& [home, sequence] = seen.try_emplace(event.message.partition_key, partition, 0).first->second;
                EXPECT_EQ(home, partition) << event.message.id;
                EXPECT_GT(event.message.sequence, sequence) << event.message.id;
                sequence = event.message.sequence;
            }
        }
    }
    StreamLayout layout() { return *StreamLayout::parse(wait(state->remember("stream_layout", "1@0-0"))); }
    Partition home_of(const std::string& process, int partitions) const {
        OutboxEvent event;
        event.entry = {1, 0};
        event.message.partition_key = "posten/acme/" + process;
        return StreamLayout(partitions).partition_of(event);
    }

    TempDir directory;
    boost::asio::io_context loop{1};
    runtime::SystemClock clock{loop.get_executor()};
    NoProgress progress;
    RecordingObserver observer;
    MemoryEventStreams streams;
    int changes = 0;
    std::unique_ptr<StateStore> state = sqlite::open_state_store(directory.path() / "state.db", progress);
    std::unique_ptr<StateView> view = sqlite::open_state_view(directory.path() / "state.db");
    runtime::TaskGroup tasks{loop.get_executor(),
                             [](const std::string& name, const std::string& what) { FAIL() << name << ": " << what; }};
};

const std::vector<std::string> some{"1", "2", "3", "4", "5", "6", "7", "8", "1", "2", "3", "4", "5", "6", "7", "8"};
const std::set<Partition> four{0, 1, 2, 3};

TEST_F(RelayTest, one_stream_takes_all_and_gets_its_lost_tail_again) {
    happen(some);
    relay_all();
    EXPECT_EQ(streams.at(undivided).entries().size(), some.size());
    streams.at(undivided).lose_tail(5);
    relay_until([this] { return streams.at(undivided).entries().size() == some.size(); });
    EXPECT_EQ(observer.count("tail_lost"), 1U);
    expect_in_order({undivided});
}

TEST_F(RelayTest, a_new_record_is_divided_from_the_first_event_on) {
    streams.want(4);
    happen(some);
    relay_all();
    EXPECT_EQ(streams.at(undivided).entries().size(), 0U);
    EXPECT_EQ(entries(), some.size());
    expect_in_order(four);
    EXPECT_EQ(layout(), StreamLayout(4));
}

TEST_F(RelayTest, each_partition_gets_its_own_lost_tail_again_while_others_keep_theirs) {
    streams.want(4);
    happen(some);
    relay_all();
    const Partition one = home_of("1", 4);
    const std::size_t before = streams.at(one).entries().size();
    streams.at(one).lose_tail(before);
    happen({"1", "2"});
    relay_until([&] { return depth() == 0 && entries() == some.size() + 2; });
    EXPECT_EQ(observer.count("tail_lost"), 1U);
    EXPECT_EQ(observer.count("published"), some.size() + before + 2) << "nothing else came again";
    expect_in_order(four);
}

TEST_F(RelayTest, a_tail_lost_in_a_quiet_time_is_noticed) {
    streams.want(4);
    happen(some);
    relay_until([&, done = false]() mutable {
        if (!done && depth() == 0) {
            streams.at(home_of("2", 4)).lose_tail(1);
            done = true;
        }
        return done && depth() == 0 && entries() == some.size();
    });
    EXPECT_EQ(observer.count("tail_lost"), 1U);
    expect_in_order(four);
}

TEST_F(RelayTest, a_partition_that_fails_does_not_hold_up_the_others) {
    streams.want(4);
    happen({"1"});
    relay_all();
    const Partition one = home_of("1", 4);
    streams.at(one).fail_with(Error(ErrorKind::transient, "redis_connect", "refused"));
    happen(some);
    std::size_t others = 0;
    for (const std::string& process : some)
        others += home_of(process, 4) != one ? 1 : 0;
    ASSERT_GT(others, 0U);
    relay_until([&] { return depth() == some.size() - others; });
    EXPECT_GE(observer.count("publish_failed:redis_connect"), 1U);
    streams.at(one).fail_with({});
    relay_all();
    expect_in_order(four);
}

TEST_F(RelayTest, another_number_counts_when_everything_before_is_published) {
    happen(some);
    relay_all();
    happen({"1", "2"});
    streams.at(undivided).fail_with(Error(ErrorKind::transient, "redis_connect", "refused"));
    streams.want(4);
    relay_until([&] { return observer.count("publish_failed:redis_connect") > 0; });
    EXPECT_EQ(layout(), StreamLayout(1));
    streams.at(undivided).fail_with({});
    relay_until([&] { return layout().partitions() == 4; });
    EXPECT_EQ(streams.at(undivided).entries().size(), some.size() + 2)
        << "what was there before went to the old stream";
    happen(some);
    relay_all();
    EXPECT_EQ(entries(), 2 * some.size() + 2);
    expect_in_order({undivided});
    expect_in_order(four);
}

TEST_F(RelayTest, the_old_stream_keeps_what_it_has_and_gets_its_own_lost_tail_again) {
    happen(some);
    relay_all();
    streams.want(4);
    relay_until([&] { return layout().partitions() == 4; });
    happen(some);
    relay_all();
    streams.at(undivided).lose_tail(3);
    streams.at(home_of("3", 4)).lose_tail(1);
    happen({"3"});
    relay_until([&] { return depth() == 0 && entries() == 2 * some.size() + 1; });
    EXPECT_EQ(streams.at(undivided).entries().size(), some.size());
    expect_in_order({undivided});
    expect_in_order(four);
}

TEST_F(RelayTest, goes_back_to_one_stream_without_a_gap) {
    streams.want(4);
    happen(some);
    relay_all();
    streams.want(1);
    relay_until([&] { return layout().partitions() == 1; });
    happen(some);
    relay_all();
    EXPECT_EQ(streams.at(undivided).entries().size(), some.size());
    EXPECT_EQ(entries(), 2 * some.size());
    EXPECT_EQ(observer.count("tail_lost"), 0U);
}

}  // namespace
}  // namespace signwatch::pipeline
