#include "core/state/postgres/postgres_state_store.hpp"

#include <array>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "core/domain/error.hpp"
#include "tests/contract/loop.hpp"
#include "tests/fakes/postgres_proxy.hpp"
#include "tests/fakes/postgres_server.hpp"

namespace signwatch::postgres {
namespace {

using namespace std::chrono_literals;
using signwatch::testing::PostgresProxy;
using signwatch::testing::shared_postgres;

class Ignore : public Progress {
public:
    void reached(Step /*step*/) noexcept override {}
};

std::string code_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return std::string(name_of(error.kind())) + " " + error.code();
    }
    return "no error";
}

StatusUpdate make_update(const std::string& process, ProcessState state = ProcessState::completed) {
    StatusUpdate update;
    update.account = "acme";
    update.process_id = process;
    update.state = state;
    update.acknowledge_at = Sensitive("https://signing.example/confirm");
    update.fingerprint = "f-" + process;
    return update;
}

CommitUpdate make_commit(UpdateId id) {
    CommitUpdate commit;
    commit.id = id;
    commit.compose = [](const EventContext&) { return EventMessage{}; };
    return commit;
}

constexpr WallTime now = from_unix_ms(1'700'000'000'000);

struct PostgresStateStoreTest : ::testing::Test {
    PostgresStateStoreTest() {
        server.host = shared_postgres().host();
        server.database = shared_postgres().make_database();
        server.lease = 10min;  // nobody beats here
    }
    std::unique_ptr<StateStore> open(Role role = Role::member) { return open_state_store(server, progress, role); }
    template <typename T>
    T wait(Task<T> task) {
        return loop.wait(std::move(task));
    }
    std::string sql(const std::string& statement) const { return shared_postgres().sql(server.database, statement); }
    /// As if the store's process had been stopped for longer than its lease: its lease has ended.
    void end_leases() { sql("UPDATE replica SET expires_at = clock_timestamp() - interval '1 second'"); }
    std::vector<Watch> claim(StateStore& store, WallTime at, std::size_t limit = 100) {
        ClaimWatches request;
        request.now = at;
        request.accounts.push_back({"acme", 600s, limit});
        return wait(store.claim_due_watches(request));
    }
    void sync(StateStore& store, int queues) {
        std::vector<WatchKey> standing;
        for (int i = 0; i < queues; ++i)
            standing.push_back({"acme", WatchKind::queue, "q" + std::to_string(i)});
        wait(store.sync_watches("acme", standing, now));
    }
    void settle(StateStore& store, const Watch& watch, WallTime due_at) {
        SettleWatch settlement;
        settlement.watch = watch.id;
        settlement.due_at = due_at;
        settlement.settled_at = now;
        wait(store.settle_watch(settlement));
    }

    signwatch::testing::Loop loop;
    Ignore progress;
    Server server;
};

TEST_F(PostgresStateStoreTest, the_schema_is_made_once_and_a_newer_one_is_refused) {
    EXPECT_EQ(schema_state(server).version, 0);
    EXPECT_EQ(code_of([this] { open_state_view(server); }), "permanent store_missing");
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([this] { migrate_schema(server); });
    for (std::thread& each : threads)
        each.join();
    EXPECT_TRUE(schema_state(server).missing.empty());
    EXPECT_EQ(sql("SELECT COUNT(*) FROM schema_migration"), std::to_string(schema_state(server).version));

    sql("UPDATE schema_migration SET sha256 = 'other' WHERE version = 1");
    EXPECT_EQ(code_of([this] { open(); }), "permanent store_changed_schema");
    sql("INSERT INTO schema_migration VALUES (99, 'future', 'x', now())");
    sql("DELETE FROM schema_migration WHERE version = 1");
    EXPECT_EQ(code_of([this] { open(); }), "permanent store_newer_schema");
    EXPECT_EQ(code_of([this] { open_state_view(server); }), "permanent store_newer_schema");
}

TEST_F(PostgresStateStoreTest, a_database_of_another_program_is_left_alone) {
    sql("CREATE TABLE process (theirs text)");
    EXPECT_EQ(code_of([this] { open(); }), "permanent store_foreign");
    EXPECT_EQ(sql("SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'"), "1");
}

TEST_F(PostgresStateStoreTest, a_server_that_is_not_there_is_a_transient_error) {
    server.host = "/nonexistent";
    EXPECT_EQ(code_of([this] { open(); }), "transient store_unreachable");
    server.password_file = "/nonexistent/password";
    EXPECT_EQ(code_of([this] { open(); }), "unauthorized store_credential");
}

TEST_F(PostgresStateStoreTest, terminated_sessions_are_made_anew_without_a_failure) {
    const auto store = open();
    const auto view = open_state_view(server);
    for (int i = 0; i < 8; ++i) {
        wait(store->record_update(make_update("job-" + std::to_string(i)), now));
        EXPECT_EQ(view->summary().processes, static_cast<std::size_t>(i + 1));
        sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'signwatch' AND datname ="
            " current_database()");
    }
    EXPECT_TRUE(wait(store->beat()));
    EXPECT_EQ(sql("SELECT COUNT(*) FROM status_update"), "8");
}

TEST_F(PostgresStateStoreTest, an_immediate_restart_of_the_server_loses_nothing_that_was_confirmed) {
    const auto store = open();
    for (int round = 0; round < 2; ++round) {
        const UpdateId id = wait(store->record_update(make_update("job-" + std::to_string(round)), now)).id;
        shared_postgres().stop_immediately();
        EXPECT_EQ(code_of([&] { wait(store->probe()); }), "transient store_unreachable");
        shared_postgres().start();
        EXPECT_TRUE(wait(store->commit_update(make_commit(id))));
    }
    EXPECT_EQ(wait(store->claim_outbox(10)).size(), 2U);
}

TEST_F(PostgresStateStoreTest, a_commit_whose_reply_was_lost_is_looked_up_and_not_repeated) {
    PostgresProxy proxy(shared_postgres().host());
    server.host = proxy.host();
    const auto store = open();
    const UpdateId id = wait(store->record_update(make_update("job"), now)).id;
    for (int i = 0; i < 5; ++i) {
        proxy.lose_next(PostgresProxy::Fault::lose_reply);
        const RecordResult again = wait(store->record_update(make_update("job-" + std::to_string(i)), now));
        EXPECT_TRUE(proxy.has_lost());
        EXPECT_EQ(again.outcome, Recorded::added);  // repeated, it would be a redelivery
    }
    proxy.lose_next(PostgresProxy::Fault::lose_reply);
    EXPECT_TRUE(wait(store->commit_update(make_commit(id))));
    EXPECT_EQ(wait(store->claim_outbox(10)).size(), 1U);
}

TEST_F(PostgresStateStoreTest, a_commit_that_never_arrived_is_done_again) {
    PostgresProxy proxy(shared_postgres().host());
    server.host = proxy.host();
    const auto store = open();
    wait(store->probe());
    for (int i = 0; i < 5; ++i) {
        proxy.lose_next(PostgresProxy::Fault::lose_request);
        EXPECT_EQ(wait(store->record_update(make_update("job-" + std::to_string(i)), now)).outcome, Recorded::added);
        EXPECT_TRUE(proxy.has_lost());
    }
    EXPECT_EQ(sql("SELECT COUNT(*) FROM status_update"), "5");
}

TEST_F(PostgresStateStoreTest, two_replicas_claim_disjoint_sets) {
    std::array<signwatch::testing::Loop, 2> loops;  // outlive the stores, which let go of them after the answer
    const auto one = open();
    const auto other = open();
    sync(*one, 200);
    std::vector<WatchId> claimed;
    std::vector<std::thread> threads;
    std::mutex mutex;
    for (StateStore* const store : {one.get(), other.get()}) {
        threads.emplace_back([&, store, &own = loops.at(threads.size())] {
            for (int round = 0; round < 40; ++round) {
                ClaimWatches request;
                request.now = now;
                request.accounts.push_back({"acme", 600s, 7});
                for (const Watch& watch : own.wait(store->claim_due_watches(request))) {
                    const std::lock_guard lock(mutex);
                    claimed.push_back(watch.id);
                }
            }
        });
    }
    for (std::thread& each : threads)
        each.join();
    EXPECT_EQ(claimed.size(), 200U);
    EXPECT_EQ(std::set<WatchId>(claimed.begin(), claimed.end()).size(), 200U);
}

TEST_F(PostgresStateStoreTest, a_replica_that_was_paused_for_longer_than_its_lease_does_nothing_when_it_wakes) {
    const auto paused = open();
    const auto other = open();
    sync(*paused, 1);
    const Watch watch = claim(*paused, now).at(0);
    const UpdateId id = wait(paused->record_update(make_update("job"), now)).id;
    end_leases();
    wait(other->join());  // its own lease has ended with the other

    const std::vector<std::function<void()>> effects{[&] { settle(*paused, watch, now + 1s); },
                                                     [&] { wait(paused->commit_update(make_commit(id))); },
                                                     [&] {
                                                         BeginAcknowledge request;
                                                         request.id = id;
                                                         wait(paused->begin_acknowledge(request));
                                                     },
                                                     [&] { wait(paused->record_update(make_update("another"), now)); },
                                                     [&] { wait(paused->mark_published({1}, now)); },
                                                     [&] { claim(*paused, now); },
                                                     [&] {
                                                         wait(paused->shared_budgets()->decide(
                                                             "budget", [](SharedCalls&) {}, now));
                                                     }};
    for (const auto& effect : effects)
        EXPECT_EQ(code_of(effect), "cancelled lease_lost");
    EXPECT_FALSE(wait(paused->beat()));
    EXPECT_FALSE(wait(paused->lead("relay")));
    EXPECT_EQ(sql("SELECT COUNT(*) FROM status_update WHERE committed_at IS NULL"), "1");

    const auto taken = wait(other->claim_unfinished({"acme"}, from_unix_ms(9'000'000'000'000), now, 10));
    ASSERT_EQ(taken.size(), 1U);
    wait(paused->join());
    EXPECT_EQ(code_of([&] { wait(paused->commit_update(make_commit(id))); }), "cancelled lease_lost");
    EXPECT_TRUE(wait(other->commit_update(make_commit(id))));
}

TEST_F(PostgresStateStoreTest, what_a_dead_replica_had_in_hand_is_due_at_once_but_its_polls_keep_their_time) {
    const auto dead = open();
    const auto other = open();
    sync(*dead, 1);
    ASSERT_EQ(claim(*dead, now).size(), 1U);
    const UpdateId id = wait(dead->record_update(make_update("job"), now + 24h * 3650)).id;
    EXPECT_TRUE(wait(other->claim_unfinished({"acme"}, now + 1s, now + 2s, 10)).empty());
    sql("UPDATE replica SET expires_at = clock_timestamp() - interval '1 second' WHERE token = (SELECT MIN(token) FROM"
        " replica)");
    EXPECT_TRUE(wait(other->beat()));
    const WallTime later = std::chrono::floor<milliseconds>(std::chrono::system_clock::now()) + 1s;
    const auto taken = wait(other->claim_unfinished({"acme"}, later, later + 1s, 10));
    ASSERT_EQ(taken.size(), 1U);
    EXPECT_EQ(taken[0].id, id);
    EXPECT_TRUE(claim(*other, now + 599s).empty());
    EXPECT_EQ(claim(*other, now + 600s).size(), 1U);
}

TEST_F(PostgresStateStoreTest, a_queue_is_not_polled_while_another_replica_has_an_update_of_it_in_hand) {
    const auto one = open();
    const auto other = open();
    sync(*one, 1);
    const Watch watch = claim(*one, now).at(0);
    StatusUpdate update = make_update("job", ProcessState::in_progress);
    update.watch = watch.id;
    const UpdateId id = wait(one->record_update(update, now)).id;
    settle(*one, watch, now + 1s);
    EXPECT_TRUE(claim(*other, now + 2s).empty());
    wait(one->commit_update(make_commit(id)));
    EXPECT_TRUE(claim(*other, now + 2s).empty());
    wait(one->end_acknowledge(id, AcknowledgeResult::done, now));
    EXPECT_EQ(claim(*other, now + 2s).size(), 1U);

    // And the other way round: while the queue is polled, an update of it that is not final is left.
    StatusUpdate late = make_update("late", ProcessState::in_progress);
    late.watch = watch.id;
    const UpdateId second = wait(one->record_update(late, now)).id;
    wait(one->commit_update(make_commit(second)));
    BeginAcknowledge request;
    request.id = second;
    request.now = now;
    request.window = 480s;
    EXPECT_EQ(wait(one->begin_acknowledge(request)).permit, AcknowledgePermit::leave);
}

TEST_F(PostgresStateStoreTest, one_replica_publishes_until_its_lease_ends) {
    const auto one = open();
    const auto other = open();
    EXPECT_TRUE(wait(one->lead("relay")));
    EXPECT_TRUE(wait(one->lead("relay")));
    EXPECT_FALSE(wait(other->lead("relay")));
    EXPECT_EQ(code_of([&] { wait(other->mark_published({1}, now)); }), "cancelled lease_lost");
    EXPECT_EQ(code_of([&] { wait(other->reopen_outbox(EntryId())); }), "cancelled lease_lost");
    sql("UPDATE replica SET expires_at = clock_timestamp() - interval '1 second' WHERE token = (SELECT holder FROM"
        " office)");
    EXPECT_TRUE(wait(other->lead("relay")));
    EXPECT_FALSE(wait(one->lead("relay")));
}

TEST_F(PostgresStateStoreTest, a_store_that_is_closed_leaves_nothing_held) {
    UpdateId id = 0;
    {
        const auto leaving = open();
        EXPECT_TRUE(wait(leaving->lead("relay")));
        id = wait(leaving->record_update(make_update("job"), now)).id;
    }
    EXPECT_EQ(sql("SELECT COUNT(*) FROM replica"), "0");
    EXPECT_EQ(sql("SELECT COUNT(*) FROM writer"), "0");
    const auto next = open();
    EXPECT_TRUE(wait(next->lead("relay")));
    EXPECT_TRUE(wait(next->commit_update(make_commit(id))));
}

TEST_F(PostgresStateStoreTest, entry_ids_of_two_replicas_rise_in_the_order_in_which_they_appear) {
    std::array<signwatch::testing::Loop, 2> loops;  // see above
    const auto one = open();
    const auto other = open();
    std::vector<std::thread> threads;
    for (StateStore* const store : {one.get(), other.get()}) {
        threads.emplace_back([store, &own = loops.at(threads.size())] {
            for (int i = 0; i < 60; ++i) {
                const std::string name = std::to_string(reinterpret_cast<std::uintptr_t>(store)) + std::to_string(i);
                const UpdateId id = own.wait(store->record_update(make_update(name), now)).id;
                own.wait(store->commit_update(make_commit(id)));
            }
        });
    }
    EntryId seen;
    std::size_t count = 0;
    const auto view = open_state_view(server);
    while (count < 120) {
        for (const EventRow& row : view->events(seen, 1000)) {
            EXPECT_GT(row.event.entry, seen);
            seen = row.event.entry;
            ++count;
        }
    }
    for (std::thread& each : threads)
        each.join();
    EXPECT_EQ(view->events({}, 1000).size(), 120U);
}

TEST_F(PostgresStateStoreTest, the_timeline_stays_where_it_is_when_the_databases_clock_is_set) {
    const auto store = open();
    const auto first = wait(store->timeline(0ms, false));
    ASSERT_TRUE(first);
    const auto second = wait(store->timeline(*first, true));
    ASSERT_TRUE(second);
    EXPECT_LT(std::chrono::abs(*second - *first), 1s);
    sql("UPDATE timeline SET shift_ms = shift_ms + 3600000");  // as a clock that was set back would look
    EXPECT_EQ(wait(store->timeline(*second, true)), *second);
    const auto newcomer = wait(store->timeline(0ms, false));
    ASSERT_TRUE(newcomer);
    EXPECT_LT(std::chrono::abs(*newcomer - *second), 1s);
}

}  // namespace
}  // namespace signwatch::postgres
