// Who may not do what while a record moves, and how a move is given up.
#include <chrono>

#include <gmock/gmock.h>

#include "core/state/copy/copy_fixture.hpp"

namespace signwatch::copy {
namespace {

using namespace std::chrono_literals;
using testing::code_of;
using ::testing::HasSubstr;
using testing::words_of;

class MoveRefusalsTest : public testing::CopyTest {
protected:
    std::string moving() {
        return code_of([this] { move(); });
    }
    std::string abandoning() {
        return code_of([this] { abandon(); });
    }
    static void rename(const std::string& from, const std::string& to) {
        const auto& cluster = signwatch::testing::shared_postgres();
        cluster.sql("postgres",
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '" + from + "'");
        cluster.sql("postgres", "ALTER DATABASE " + from + " RENAME TO " + to);
    }
    // Once, when the last page has come.
    ShowMove when_copied(std::function<void()> action) {
        return [action = std::move(action)](const MoveProgress& progress) {
            if (progress.step == MoveStep::copied && progress.rows == progress.whole) action();
        };
    }
};

TEST_F(MoveRefusalsTest, nobody_writes_into_a_record_on_its_way_and_everybody_is_told_at_once) {
    const auto opened_before = open_source();
    int looked = 0;
    move(when_copied([&] {
        ++looked;
        const auto begun = std::chrono::steady_clock::now();
        EXPECT_EQ(code_of([&] { wait(opened_before->probe()); }), "permanent store_moving");
        EXPECT_EQ(source_state(), "permanent store_moving");
        EXPECT_LT(std::chrono::steady_clock::now() - begun, 2s);
        EXPECT_THAT(words_of([this] { open_source(); }), HasSubstr("signwatch store copy"));
        EXPECT_GT(sqlite::open_state_view(file)->summary().processes, 0U);
    }));
    EXPECT_EQ(looked, 1);
    EXPECT_EQ(code_of([&] { wait(opened_before->probe()); }), "permanent store_moved");
    EXPECT_EQ(source_state(), "permanent store_moved");
    EXPECT_EQ(code_of([this] { sqlite::open_state_view(file); }), "permanent store_moved");
}

TEST_F(MoveRefusalsTest, nobody_works_on_an_unfinished_record) {
    const auto opened_before = open_target(postgres::Role::tool);
    int looked = 0;
    move(when_copied([&] {
        ++looked;
        EXPECT_EQ(code_of([&] { wait(opened_before->remember("a", "b")); }), "permanent store_incomplete");
        EXPECT_EQ(code_of([this] { open_target(postgres::Role::member); }), "permanent store_incomplete");
        EXPECT_EQ(target_state(), "permanent store_incomplete");
        EXPECT_EQ(code_of([this] { postgres::open_state_view(server); }), "permanent store_incomplete");
        EXPECT_EQ(sql("SELECT COUNT(*) FROM replica"), "0");
    }));
    EXPECT_EQ(looked, 1);
    wait(opened_before->remember("a", "b"));
    wait(open_target()->probe());
}

TEST_F(MoveRefusalsTest, a_database_with_a_record_is_refused_before_anything_is_done) {
    wait(open_target(postgres::Role::tool)->remember("a", "b"));
    EXPECT_EQ(moving(), "permanent store_not_empty");
    EXPECT_EQ(source_state(), "no error");
}

TEST_F(MoveRefusalsTest, a_database_with_a_daemon_is_refused) {
    const auto daemon = open_target();
    EXPECT_EQ(moving(), "permanent store_not_empty");
    EXPECT_EQ(source_state(), "no error");
}

TEST_F(MoveRefusalsTest, two_records_do_not_move_to_one_database) {
    move_and_die(MoveStep::copied, 3);
    const auto first = file;
    file = directory.path() / "other.db";
    sqlite::migrate_schema(file);
    EXPECT_EQ(moving(), "permanent store_not_empty");
    EXPECT_EQ(source_state(), "no error");
    EXPECT_EQ(abandoning(), "permanent nothing_to_abandon");
    file = first;
    EXPECT_TRUE(move().resumed);
}

TEST_F(MoveRefusalsTest, one_record_does_not_move_to_two_databases) {
    move_and_die(MoveStep::copied, 3);
    const std::string first = server.database;
    const std::string second = signwatch::testing::shared_postgres().make_database();
    server.database = second;
    EXPECT_EQ(moving(), "permanent store_moving");
    EXPECT_EQ(abandoning(), "permanent store_moving");
    server.database = first;
    move();
    server.database = second;
    EXPECT_EQ(moving(), "permanent store_moved");
    EXPECT_EQ(abandoning(), "permanent store_moved");
}

TEST_F(MoveRefusalsTest, a_record_that_is_not_there_is_refused) {
    file = directory.path() / "absent.db";
    EXPECT_EQ(moving(), "permanent store_missing");
    EXPECT_FALSE(std::filesystem::exists(file));
}

class CopyDiffersTest : public MoveRefusalsTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(CopyDiffersTest, a_copy_that_differs_is_not_released) {
    const std::string words = words_of([this] { move(when_copied([this] { sql(GetParam()); })); });
    EXPECT_THAT(words, HasSubstr("the copy differs in table "));
    EXPECT_EQ(source_state(), "permanent store_moving");
    EXPECT_EQ(target_state(), "permanent store_incomplete");
    EXPECT_EQ(moving(), "integrity copy_differs");
    abandon();
    EXPECT_TRUE(abandoned.emptied);
    EXPECT_EQ(source_state(), "no error");
    move();
    EXPECT_EQ(target_state(), "no error");
}

INSTANTIATE_TEST_SUITE_P(
    Differences,
    CopyDiffersTest,
    ::testing::Values("UPDATE due_watch SET due_at = due_at + 1 WHERE watch_id = 8999",
                      "UPDATE watch SET retired_until = NULL WHERE id = 9100",
                      "UPDATE watch_note SET bookmark = '\\x00' WHERE watch_id = 2",
                      "DELETE FROM call_count WHERE span = 'day'",
                      "DELETE FROM outbox WHERE event = 6",
                      "INSERT INTO remembered VALUES ('zz', '')",
                      "INSERT INTO account (id, name) OVERRIDING SYSTEM VALUE VALUES (9, 'more')"));

TEST_F(MoveRefusalsTest, a_move_can_be_given_up_until_the_target_is_released) {
    const std::int64_t before = source_number("SELECT COUNT(*) FROM watch");
    for (const MoveStep step : {MoveStep::leaving, MoveStep::filling, MoveStep::copied, MoveStep::moved}) {
        move_and_die(step);
        abandon();
        EXPECT_EQ(abandoned.trouble, "");
        EXPECT_EQ(source_state(), "no error");
        EXPECT_EQ(target_state(), "no error");
        EXPECT_EQ(sql("SELECT COUNT(*) FROM watch"), "0");
        EXPECT_EQ(sql("SELECT given_ms FROM stream_position"), "0");
        EXPECT_EQ(abandoning(), "permanent nothing_to_abandon");
    }
    EXPECT_EQ(source_number("SELECT COUNT(*) FROM watch"), before);
    wait(open_source()->probe());
    move_and_die(MoveStep::released);
    EXPECT_EQ(abandoning(), "permanent store_moved");
    EXPECT_EQ(source_state(), "permanent store_moved");
    EXPECT_EQ(target_state(), "no error");
}

// A move whose target is gone must not take the record with it.
TEST_F(MoveRefusalsTest, a_move_can_be_given_up_while_the_database_is_away) {
    move_and_die(MoveStep::copied, 3);
    rename(server.database, "away");
    abandon();
    EXPECT_FALSE(abandoned.emptied);
    EXPECT_NE(abandoned.trouble, "");
    EXPECT_EQ(source_state(), "no error");
    rename("away", server.database);
    EXPECT_EQ(target_state(), "permanent store_incomplete");
    EXPECT_EQ(moving(), "permanent store_not_empty");
    abandon();
    EXPECT_TRUE(abandoned.emptied);
    EXPECT_EQ(target_state(), "no error");
    move();
}

// Whether it was released cannot be known: then it must not be taken back.
TEST_F(MoveRefusalsTest, a_record_that_may_be_at_work_elsewhere_is_not_taken_back) {
    move_and_die(MoveStep::moved);
    rename(server.database, "away");
    EXPECT_EQ(abandoning(), "transient store_unreachable");
    EXPECT_EQ(source_state(), "permanent store_moved");
    rename("away", server.database);
    move();
}

}  // namespace
}  // namespace signwatch::copy
