#include "core/state/copy/record_copy.hpp"

#include <chrono>
#include <map>
#include <thread>

#include "core/state/copy/copy_fixture.hpp"
#include "core/state/copy/tables.hpp"

namespace signwatch::copy {
namespace {

using namespace std::chrono_literals;

class RecordCopyTest : public testing::CopyTest {};

TEST_F(RecordCopyTest, every_row_of_every_table_arrives) {
    const MoveReport report = move();
    EXPECT_FALSE(report.resumed);
    EXPECT_FALSE(report.already);
    std::map<std::string, std::string> digests;
    for (const MovedTable& table : report.tables) {
        const std::string only = table.name == "remembered" ? " WHERE name <> 'schedule_anchor'" : "";
        EXPECT_EQ(static_cast<std::int64_t>(table.rows), source_number("SELECT COUNT(*) FROM " + table.name + only));
        EXPECT_EQ(std::to_string(table.rows), sql("SELECT COUNT(*) FROM " + table.name)) << table.name;
        EXPECT_GT(table.rows, 0U) << table.name << " was not tried";
        digests[table.sha256] += table.name;
    }
    EXPECT_EQ(digests.size(), tables().size()) << "every table has values of its own";
}

TEST_F(RecordCopyTest, odd_values_arrive_as_they_were) {
    move();
    EXPECT_EQ(sql("SELECT name FROM account WHERE id = 7"), "rio \"de\" \\janeiro");
    EXPECT_EQ(sql("SELECT process_id FROM process WHERE id = 20000"), "tab\tand\nline \\N {NULL} \"quoted\" æøå");
    EXPECT_EQ(sql("SELECT correlation_id FROM process WHERE id = 20000"), "b\xef\xbf\xbd\xef\xbf\xbdx");
    EXPECT_EQ(sql("SELECT bookmark FROM watch_note WHERE watch_id = 1"), "\\x00ff5c0a09");
    EXPECT_EQ(sql("SELECT bookmark || '' FROM watch_note WHERE watch_id = 2"), "\\x");
    EXPECT_EQ(sql("SELECT octet_length(body) FROM update_body WHERE update_id = 1"), "70000");
    EXPECT_EQ(sql("SELECT value FROM remembered WHERE name = 'odd'"), "\\xff00c3");
    EXPECT_EQ(sql("SELECT until FROM repeat_gap"), "9223372036854775807");
    EXPECT_EQ(sql("SELECT interval_ms IS NULL, since FROM watch WHERE id = 3"), "t|3");
    EXPECT_EQ(sql("SELECT said_ended, put_off, holder IS NULL FROM hurried_watch WHERE watch_id = 2"), "t|f|t");
    EXPECT_EQ(sql("SELECT hold, incomplete, fetched_before, waiting FROM status_update WHERE id = 2"), "t|f|f|t");
    EXPECT_EQ(sql("SELECT given_n, published_n FROM stream_position"), "1|0");
}

TEST_F(RecordCopyTest, counts_and_ids_go_on_where_they_were) {
    const StoreSummary before = sqlite::open_state_view(file)->summary();
    move();
    const StoreSummary after = postgres::open_state_view(server)->summary();
    EXPECT_EQ(after.watches, before.watches);
    EXPECT_EQ(after.processes, before.processes);
    EXPECT_EQ(after.documents, before.documents);
    EXPECT_GT(after.watches, 0U);
    const auto store = open_target();
    EXPECT_EQ(wait(store->count_watches("acme")), 4410U);
    Registration registration;
    registration.account = "acme";
    registration.process_id = "new";
    registration.correlation_id = "new";
    FirstLooks looks;
    looks.due_at = {from_unix_ms(1)};
    EXPECT_EQ(wait(store->register_processes({registration}, looks, from_unix_ms(1))).at(0).outcome, Registered::added);
    EXPECT_EQ(sql("SELECT id, watch_id FROM process WHERE process_id = 'new'"), "20001|9101");
}

// The timeline of the target is where the source's daemon would be now: late by what the question took, never early.
TEST_F(RecordCopyTest, the_schedule_timeline_goes_on) {
    runtime::SystemClock daemon(loop.executor());
    daemon.begin_at(daemon.offset() - 3h);  // the machine's clock was set since
    change_source("INSERT INTO remembered VALUES ('schedule_anchor', '" + daemon.anchor() + "')");
    move();
    const auto store = open_target();
    const milliseconds offset = wait(store->timeline(0ms, false)).value();
    EXPECT_LE(offset, daemon.offset());
    EXPECT_GT(offset, daemon.offset() - 1s);
    EXPECT_EQ(sql("SELECT COUNT(*) FROM remembered WHERE name = 'schedule_anchor'"), "0");
}

TEST_F(RecordCopyTest, calls_of_the_last_minute_still_count) {
    const WallTime now = clock.schedule_now();
    const std::int64_t minute = to_unix_ms(now) / 60'000 * 60'000;
    change_source("INSERT INTO call_count VALUES ('busy', 'minute', " + std::to_string(minute) + ", 3)");
    move();
    SharedCalls seen;
    wait(open_target()->shared_budgets()->decide(
        "busy", [&seen](SharedCalls& calls) { seen = calls; }, now));
    ASSERT_EQ(seen.recent.size(), 3U);
    EXPECT_GE(seen.recent.front(), now);
    EXPECT_LE(seen.recent.front(), now + 60s);
    EXPECT_EQ(sql("SELECT COUNT(*) FROM call_budget WHERE budget = 'acme'"), "0");
}

TEST_F(RecordCopyTest, a_look_that_nobody_ended_is_put_off_as_by_a_restart) {
    const WallTime now = from_unix_ms(1'700'000'000'010);
    ClaimWatches request;
    request.now = now;
    request.accounts.push_back({"acme", 600s, 3, 3, 0s});
    std::vector<Watch> claimed;
    {
        const auto store = open_source();
        claimed = wait(store->claim_due_watches(request));
    }
    ASSERT_FALSE(claimed.empty());
    move();
    const Watch& regular = claimed.back();
    ASSERT_FALSE(regular.hurried);
    EXPECT_EQ(sql("SELECT due_at, attempts FROM due_watch WHERE watch_id = " + std::to_string(regular.id)),
              std::to_string(to_unix_ms(now + 600s)) + "|" + std::to_string(regular.attempts + 1));
}

TEST_F(RecordCopyTest, a_rerun_after_the_end_does_nothing) {
    move();
    const auto store = open_target();
    wait(store->probe());
    const MoveReport again = move();
    EXPECT_TRUE(again.already);
    EXPECT_TRUE(again.tables.empty());
    EXPECT_EQ(source_state(), "permanent store_moved");
}

// Whatever comes between two steps.
TEST_F(RecordCopyTest, a_move_that_is_killed_at_every_step_goes_on) {
    move_and_die(MoveStep::leaving);
    EXPECT_EQ(source_state(), "permanent store_moving");
    EXPECT_EQ(target_state(), "no error");
    move_and_die(MoveStep::filling);
    for (int page = 1; page < 4; ++page) {
        move_and_die(MoveStep::copied);
        EXPECT_EQ(target_state(), "permanent store_incomplete");
    }
    EXPECT_EQ(sql("SELECT name, last, rows FROM arrived_rows ORDER BY rows DESC LIMIT 1"), "watch|[8000]|8000");
    move_and_die(MoveStep::copied, 12);
    move_and_die(MoveStep::compared, 5);
    EXPECT_EQ(source_state(), "permanent store_moving");
    move_and_die(MoveStep::moved);
    EXPECT_EQ(source_state(), "permanent store_moved");
    EXPECT_EQ(target_state(), "permanent store_incomplete");
    const MoveReport report = move();
    EXPECT_TRUE(report.resumed);
    EXPECT_EQ(report.tables.size(), tables().size());
    EXPECT_EQ(target_state(), "no error");
    EXPECT_EQ(sql("SELECT COUNT(*), COUNT(DISTINCT id) FROM watch"), "9001|9001");
}

TEST_F(RecordCopyTest, a_move_that_is_killed_after_its_last_step_has_ended) {
    move_and_die(MoveStep::released);
    EXPECT_EQ(source_state(), "permanent store_moved");
    EXPECT_EQ(target_state(), "no error");
    EXPECT_TRUE(move().already);
}

// Its session may live on for a moment, with a lock on what it was writing.
TEST_F(RecordCopyTest, a_rerun_waits_for_the_session_of_the_dead) {
    move_and_die(MoveStep::copied, 2);
    const std::string hold = "SELECT pg_advisory_lock(5999223); SELECT pg_sleep(1.5)";
    std::jthread dead([&] { sql(hold); });
    std::this_thread::sleep_for(500ms);
    EXPECT_TRUE(move().resumed);
}

}  // namespace
}  // namespace signwatch::copy
