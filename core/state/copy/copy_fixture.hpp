#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "core/runtime/system_clock.hpp"
#include "core/state/copy/record_copy.hpp"
#include "core/state/postgres/postgres_state_store.hpp"
#include "core/state/sqlite/database.hpp"
#include "core/state/sqlite/sqlite_state_store.hpp"
#include "tests/contract/loop.hpp"
#include "tests/fakes/postgres_server.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::copy::testing {

/// "kind code" of the Error that the action throws.
std::string code_of(const std::function<void()>& action);
/// Its words.
std::string words_of(const std::function<void()>& action);

class Ignore : public Progress {
public:
    void reached(Step /*step*/) noexcept override {}
};

/// A record in SQLite with rows in every table, several pages of some, and an empty database.
class CopyTest : public ::testing::Test {
protected:
    CopyTest();

    MoveReport move(const ShowMove& show = [](const MoveProgress&) {}) {
        return move_record(file, server, clock, show);
    }
    /// Moves in a process of its own that dies by SIGKILL at the `count`th `step`.
    void move_and_die(MoveStep step, int count = 1);
    void abandon() { abandoned = abandon_move(file, server); }

    std::unique_ptr<StateStore> open_source() { return sqlite::open_state_store(file, progress); }
    std::unique_ptr<StateStore> open_target(postgres::Role role = postgres::Role::member) {
        return postgres::open_state_store(server, progress, role);
    }
    std::string source_state() {
        return code_of([this] { open_source(); });
    }
    std::string target_state() {
        return code_of([this] { open_target(postgres::Role::tool); });
    }
    std::string sql(const std::string& statement) const {
        return signwatch::testing::shared_postgres().sql(server.database, statement);
    }
    std::int64_t source_number(const std::string& statement);
    void change_source(const std::string& script);
    template <typename T>
    T wait(Task<T> task) {
        return loop.wait(std::move(task));
    }

    signwatch::testing::TempDir directory;
    std::filesystem::path file = directory.path() / "state.db";
    postgres::Server server;
    signwatch::testing::Loop loop;
    runtime::SystemClock clock{loop.executor()};
    Ignore progress;
    AbandonReport abandoned;
};

}  // namespace signwatch::copy::testing
