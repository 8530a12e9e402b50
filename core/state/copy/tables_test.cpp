// Nothing of a schema is forgotten: every column is copied, or stands here with the reason why not.
#include "core/state/copy/tables.hpp"

#include <algorithm>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "core/state/postgres/postgres_state_store.hpp"
#include "core/state/sqlite/database.hpp"
#include "core/state/sqlite/sqlite_state_store.hpp"
#include "tests/fakes/postgres_server.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::copy {
namespace {

using Names = std::set<std::string>;  // "table.column"

struct Left {
    const char* name;  // of a table, or of a column
    const char* why;
};

constexpr Left left_in_sqlite[]{
    {"account.claimed_due_at", "what a dead daemon had claimed is put back before"},
    {"account.claimed_until", "the same"},
    {"account.claimed_watch", "the same"},
    {"account.watches", "a count, made anew"},
    {"changed_watch", "only due_watch of SQLite has a copy of what a look needs"},
    {"departure", "of the move itself"},
    {"due_watch.interval_ms", "a copy of what stands in watch"},
    {"due_watch.kind", "the same"},
    {"due_watch.seen", "the same"},
    {"due_watch.since", "the same"},
    {"due_watch.target", "the same"},
    {"probe", "says nothing"},
    {"row_count", "counts, made anew"},
    {"schema_migration", "each schema has its own"},
    {"watch.scheduled", "whether due_watch has its row"},
};

constexpr Left left_in_postgres[]{
    {"arrival", "of the move itself"},
    {"arrived_rows", "of the move itself"},
    {"call_budget", "made of the calls that were counted"},
    {"due_watch.holder", "nobody holds what has just come"},
    {"hurried_watch.claimed_until", "the same"},
    {"hurried_watch.holder", "the same"},
    {"hurried_watch.put_off", "only while somebody looks"},
    {"office", "of the living"},
    {"probe", "says nothing"},
    {"replica", "of the living"},
    {"schema_migration", "each schema has its own"},
    {"status_update.holder", "nobody holds what has just come"},
    {"tally", "counts, made anew"},
    {"timeline", "set by the clock of the source"},
    {"writer", "of the living"},
};

Names copied() {
    Names names;
    for (const Table& table : tables())
        for (const Column& column : table.columns)
            names.insert(std::string(table.name) + "." + std::string(column.name));
    return names;
}

bool is_left(const std::string& name, std::span<const Left> left) {
    const std::string table = name.substr(0, name.find('.'));
    return std::ranges::any_of(left, [&](const Left& each) { return each.name == name || each.name == table; });
}

void expect_nothing_forgotten(const Names& schema, std::span<const Left> left) {
    const Names ours = copied();
    for (const std::string& name : schema)
        EXPECT_NE(ours.contains(name), is_left(name, left))
            << name << " is neither copied nor left on purpose, or both";
    for (const std::string& name : ours)
        EXPECT_TRUE(schema.contains(name)) << name << " is not in the schema";
    for (const Left& each : left) {
        const auto is_there = [&](const std::string& name) {
            return name == each.name || name.starts_with(std::string(each.name) + ".");
        };
        EXPECT_TRUE(std::ranges::any_of(schema, is_there)) << each.name << " is not in the schema";
    }
}

TEST(TablesTest, nothing_of_the_source_is_forgotten) {
    signwatch::testing::TempDir directory;
    const auto file = directory.path() / "state.db";
    sqlite::migrate_schema(file);
    sqlite::Database database(file, sqlite::Database::Mode::read_only);
    Names schema;
    sqlite::Rows rows = database.query(
        "SELECT t.name || '.' || c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'");
    while (rows.next())
        schema.insert(rows.text(0));
    expect_nothing_forgotten(schema, left_in_sqlite);
}

TEST(TablesTest, nothing_of_the_target_is_forgotten) {
    postgres::Server server;
    server.host = signwatch::testing::shared_postgres().host();
    server.database = signwatch::testing::shared_postgres().make_database();
    postgres::migrate_schema(server);
    Names schema;
    std::istringstream lines(signwatch::testing::shared_postgres().sql(
        server.database,
        "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public'"));
    for (std::string line; std::getline(lines, line);)
        schema.insert(line);
    expect_nothing_forgotten(schema, left_in_postgres);
}

TEST(TablesTest, a_key_survives_being_written_down) {
    const Key key{std::int64_t{1} << 62, std::string("a \"b\" \\ c"), std::int64_t{-1}};
    EXPECT_EQ(decode(encode(key)), key);
}

}  // namespace
}  // namespace signwatch::copy
