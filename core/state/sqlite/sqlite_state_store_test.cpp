#include "core/state/sqlite/sqlite_state_store.hpp"

#include <csignal>
#include <cstdio>
#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "core/domain/error.hpp"
#include "core/state/sqlite/database.hpp"
#include "core/state/sqlite/migrations.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::sqlite {
namespace {

class Ignore : public Progress {
public:
    void reached(Step /*step*/) noexcept override {}
};

template <typename T>
T wait(Task<T> task) {
    boost::asio::io_context loop{1};
    auto result = boost::asio::co_spawn(loop, std::move(task), boost::asio::use_future);
    loop.run();
    return result.get();
}

std::string code_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return std::string(name_of(error.kind())) + " " + error.code();
    }
    return "no error";
}

StatusUpdate make_update(const std::string& fingerprint) {
    StatusUpdate update;
    update.account = "acme";
    update.process_id = "job-" + fingerprint;
    update.state = ProcessState::completed;
    update.acknowledge_at = Sensitive("https://signing.example/confirm");
    update.fingerprint = fingerprint;
    return update;
}

CommitUpdate make_commit(UpdateId id) {
    CommitUpdate commit;
    commit.id = id;
    commit.compose = [](const EventContext&) { return EventMessage{}; };
    return commit;
}

struct SqliteStateStoreTest : ::testing::Test {
    std::unique_ptr<StateStore> open() { return open_state_store(file, progress); }
    std::string opening() {
        return code_of([this] { open(); });
    }
    Database raw() { return Database(file, Database::Mode::read_write); }

    testing::TempDir directory;
    std::filesystem::path file = directory.path() / "signwatch.db";
    Ignore progress;
};

TEST_F(SqliteStateStoreTest, the_record_belongs_to_its_user_alone) {
    ::umask(0);
    const auto store = open();
    wait(store->probe());
    for (const char* suffix : {"", "-wal", "-shm"}) {
        struct stat status {};
        ASSERT_EQ(::stat((file.string() + suffix).c_str(), &status), 0) << suffix;
        EXPECT_EQ(status.st_mode & 0777U, 0600U) << suffix;
    }
}

TEST_F(SqliteStateStoreTest, every_commit_is_synced) {
    open();
    Database database = raw();
    Rows mode = database.query("PRAGMA journal_mode");
    ASSERT_TRUE(mode.next());
    EXPECT_EQ(mode.text(0), "wal");
    Rows keys = database.query("PRAGMA foreign_key_check");
    EXPECT_FALSE(keys.next());
}

TEST_F(SqliteStateStoreTest, a_directory_that_is_missing_is_a_transient_error) {
    file = directory.path() / "absent" / "signwatch.db";
    EXPECT_EQ(opening(), "transient store_open");
}

TEST_F(SqliteStateStoreTest, a_symbolic_link_in_the_place_of_the_record_is_refused) {
    std::filesystem::create_symlink(directory.path() / "elsewhere.db", file);
    EXPECT_EQ(opening(), "transient store_open");
    EXPECT_FALSE(std::filesystem::exists(directory.path() / "elsewhere.db"));
}

TEST_F(SqliteStateStoreTest, a_symbolic_link_to_the_directory_is_followed) {
    std::filesystem::create_directory(directory.path() / "private");
    std::filesystem::create_directory_symlink(directory.path() / "private", directory.path() / "public");
    file = directory.path() / "public" / "signwatch.db";
    EXPECT_EQ(opening(), "no error");
    EXPECT_TRUE(std::filesystem::exists(directory.path() / "private" / "signwatch.db"));
}

TEST_F(SqliteStateStoreTest, a_file_that_is_no_database_is_corrupt) {
    directory.write("signwatch.db", std::string(8192, 'x'));
    EXPECT_EQ(opening(), "integrity store_corrupt");
    EXPECT_EQ(code_of([this] { open_state_view(file); }), "integrity store_corrupt");
}

TEST_F(SqliteStateStoreTest, damage_inside_the_record_is_told_when_it_is_met) {
    const int updates = 200;
    {
        const auto store = open();
        for (int i = 0; i < updates; ++i)
            wait(store->record_update(make_update(std::to_string(i)), WallTime{}));
    }
    {
        std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
        const auto size = std::filesystem::file_size(file);
        stream.seekp(4096 * 3);
        for (auto at = std::uintmax_t{4096 * 3}; at < size; ++at)
            stream.put('\x7f');
    }
    const std::string met = code_of([this] {
        const auto store = open();
        for (int i = 0; i < updates; ++i)
            wait(store->record_update(make_update("new" + std::to_string(i)), WallTime{}));
    });
    EXPECT_EQ(met, "integrity store_corrupt");
}

TEST_F(SqliteStateStoreTest, a_record_of_a_newer_signwatch_is_refused_untouched) {
    open();
    raw().script("INSERT INTO schema_migration VALUES (99, 'future', 'x', 0)");
    EXPECT_EQ(opening(), "permanent store_newer_schema");
    EXPECT_EQ(code_of([this] { open_state_view(file); }), "permanent store_newer_schema");
}

TEST_F(SqliteStateStoreTest, a_record_made_with_another_schema_of_the_same_number_is_refused) {
    open();
    raw().script("UPDATE schema_migration SET sha256 = 'other' WHERE version = 1");
    EXPECT_EQ(opening(), "permanent store_changed_schema");
}

TEST_F(SqliteStateStoreTest, a_database_of_another_program_is_left_alone) {
    raw().script("CREATE TABLE theirs (x)");
    EXPECT_EQ(opening(), "permanent store_foreign");
    Database database = raw();
    Rows tables = database.query("SELECT COUNT(*) FROM sqlite_schema");
    ASSERT_TRUE(tables.next());
    EXPECT_EQ(tables.integer(0), 1);
}

TEST_F(SqliteStateStoreTest, opening_again_migrates_nothing_twice) {
    open();
    open();
    Database database = raw();
    Rows rows = database.query("SELECT COUNT(*), MIN(applied_at) > 0 FROM schema_migration");
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(rows.integer(0), static_cast<std::int64_t>(migrations().size()));
    EXPECT_EQ(rows.integer(1), 1);
}

TEST_F(SqliteStateStoreTest, a_view_needs_a_record) {
    EXPECT_EQ(code_of([this] { open_state_view(file); }), "permanent store_missing");
    EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(SqliteStateStoreTest, a_view_sees_what_a_running_store_commits) {
    const auto store = open();
    const auto view = open_state_view(file);
    for (int i = 1; i <= 3; ++i) {
        wait(store->record_update(make_update(std::to_string(i)), WallTime{}));
        EXPECT_EQ(view->summary().processes, static_cast<std::size_t>(i));
    }
}

TEST_F(SqliteStateStoreTest, a_second_process_can_retry_while_the_first_works) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();  // before SQLite is in use: its state does not survive a fork
    if (child == 0) {
        char go = 0;
        if (::read(ends[0], &go, 1) != 1) ::_exit(2);
        const auto command_line = open();
        const std::size_t retried = wait(command_line->retry_parked("acme", "", WallTime{}));
        ::_exit(retried == 1 ? 0 : 1);
    }
    const auto daemon = open();
    ParkUpdate park;
    park.id = wait(daemon->record_update(make_update("f1"), WallTime{})).id;
    park.compose = [](const EventContext&) { return EventMessage{}; };
    wait(daemon->park_update(park));
    ASSERT_EQ(::write(ends[1], "g", 1), 1);
    for (int i = 0; i < 50; ++i)
        wait(daemon->probe());
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(wait(daemon->claim_unfinished({"acme"}, WallTime{}, WallTime{}, 10)).size(), 1U);
}

// A child records and commits updates, and tells the number of each on a pipe once the store has said so, until it is
// killed.
[[noreturn]] void work_until_killed(const std::filesystem::path& file, int pipe) {
    Ignore progress;
    const auto store = open_state_store(file, progress);
    for (std::int32_t number = 0;; ++number) {
        const UpdateId id =
            wait(store->record_update(make_update(std::to_string(::getpid()) + "-" + std::to_string(number)),
                                      WallTime{}))
                .id;
        wait(store->commit_update(make_commit(id)));
        if (::write(pipe, &id, sizeof id) != sizeof id) ::_exit(1);
    }
}

// Looks and settles once, as long after the last time as it takes to be due again.
struct Looks {
    StateStore& store;
    WallTime now = from_unix_ms(1'700'000'000'000);

    std::vector<Watch> claim() {
        now += std::chrono::hours{1};
        ClaimWatches request;
        request.now = now;
        request.accounts = {{"acme", std::chrono::minutes{10}}};
        return wait(store.claim_due_watches(request));
    }
    void settle(const Watch& watch) {
        SettleWatch settlement;
        settlement.watch = watch.id;
        settlement.due_at = now + std::chrono::minutes{1};
        settlement.settled_at = now;
        settlement.answered = true;
        wait(store.settle_watch(settlement));
    }
    Watch look() {
        const std::vector<Watch> claimed = claim();
        EXPECT_EQ(claimed.size(), 1U);
        settle(claimed.at(0));
        return claimed.at(0);
    }
};

TEST_F(SqliteStateStoreTest, a_claim_knows_what_has_changed_since_its_row_was_written) {
    const auto store = open();
    Looks looks{*store};
    const auto changed = [this] {
        Database database = raw();
        Rows rows = database.query("SELECT COUNT(*) FROM changed_watch");
        return rows.next() ? rows.integer(0) : -1;
    };
    Registration process;
    process.account = "acme";
    process.process_id = "job-f1";
    process.correlation_id = "loan";
    process.interval = std::chrono::hours{2};
    const FirstLooks first{{looks.now}, looks.now};
    wait(store->register_processes({process}, first, looks.now));
    EXPECT_EQ(changed(), 0);
    EXPECT_EQ(looks.look().interval, std::chrono::hours{2});

    process.interval = std::chrono::hours{3};
    wait(store->register_processes({process}, first, looks.now));
    EXPECT_EQ(changed(), 1);
    const Watch watch = looks.look();
    EXPECT_EQ(watch.interval, std::chrono::hours{3});
    EXPECT_EQ(watch.since, first.now);
    EXPECT_EQ(changed(), 0);

    // During a look, of which the settlement knows nothing.
    const std::vector<Watch> under_way = looks.claim();
    StatusUpdate update = make_update("f1");
    update.watch = watch.id;
    wait(store->record_update(update, looks.now));
    looks.settle(under_way.at(0));
    EXPECT_EQ(changed(), 1);
    EXPECT_EQ(looks.look().seen, "f1");
    EXPECT_EQ(changed(), 0);
    EXPECT_EQ(looks.look().seen, "f1");

    const std::vector<Watch> paused_under_way = looks.claim();
    wait(store->order_process("acme", "job-f1", ProcessOrder::pause, looks.now));
    looks.settle(paused_under_way.at(0));
    EXPECT_TRUE(looks.claim().empty());
    EXPECT_EQ(changed(), 0);  // it has lost its row
    EXPECT_EQ(wait(store->count_watches("acme")), 0U);
    wait(store->order_process("acme", "job-f1", ProcessOrder::resume, looks.now));
    EXPECT_EQ(looks.look().seen, "f1");
    EXPECT_EQ(wait(store->count_watches("acme")), 1U);
}

TEST_F(SqliteStateStoreTest, what_was_committed_survives_a_kill_at_any_moment) {
    UpdateId last = 0;
    std::size_t told = 0;
    for (int round = 0; round < 15; ++round) {
        int ends[2];
        ASSERT_EQ(::pipe(ends), 0);
        const pid_t child = ::fork();
        if (child == 0) work_until_killed(file, ends[1]);
        ::close(ends[1]);
        for (int i = 0; i <= round; ++i, ++told) {
            ASSERT_EQ(::read(ends[0], &last, sizeof last), static_cast<ssize_t>(sizeof last));
        }
        ::usleep(static_cast<useconds_t>(round * 137));
        ::kill(child, SIGKILL);
        while (::read(ends[0], &last, sizeof last) == static_cast<ssize_t>(sizeof last))
            ++told;
        ::close(ends[0]);
        int status = 0;
        ::waitpid(child, &status, 0);
        ASSERT_TRUE(WIFSIGNALED(status));

        const auto store = open();
        EXPECT_FALSE(wait(store->commit_update(make_commit(last))));
        EXPECT_GE(wait(store->claim_outbox(100'000)).size(), told);
        Database database = raw();
        Rows check = database.query("PRAGMA integrity_check");
        ASSERT_TRUE(check.next());
        EXPECT_EQ(check.text(0), "ok");
    }
}

}  // namespace
}  // namespace signwatch::sqlite
