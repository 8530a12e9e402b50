#include "core/state/copy/source_record.hpp"

#include "core/domain/error.hpp"
#include "core/state/postgres/database.hpp"
#include "core/state/sqlite/sqlite_state_store.hpp"

namespace signwatch::copy {
namespace {

constexpr std::size_t page_rows = 4'000;
constexpr std::size_t page_bytes = 4 << 20;

sqlite::Database open(const std::filesystem::path& file) {
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) {
        throw Error(
            ErrorKind::permanent,
            "store_missing",
            "there is no record " + file.string() + " that could be moved: is the configuration the right one?");
    }
    sqlite::migrate_schema(file);
    sqlite::Database database(file, sqlite::Database::Mode::read_write);
    database.script("PRAGMA synchronous = FULL");
    return database;
}

Cell read_cell(const sqlite::Rows& rows, int column, Type type) {
    if (rows.null(column)) return std::nullopt;
    switch (type) {
        case Type::integer:
            return std::to_string(rows.integer(column));
        case Type::truth:
            return rows.integer(column) != 0 ? "1" : "0";
        case Type::text:
            return postgres::storable(rows.text(column));
        case Type::bytes:
            break;
    }
    return rows.text(column);
}

}  // namespace

SourceRecord::SourceRecord(const std::filesystem::path& file) : database_(open(file)) {}

template <typename Work>
void SourceRecord::transact(const Work& work) {
    database_.script("BEGIN IMMEDIATE");
    try {
        work();
        database_.script("COMMIT");
    } catch (...) {
        if (database_.in_transaction()) database_.script("ROLLBACK");
        throw;
    }
}

std::optional<sqlite::Departure> SourceRecord::departure() {
    return sqlite::find_departure(database_);
}

void SourceRecord::leave(const sqlite::Departure& departure, WallTime now) {
    transact([&] {
        sqlite::require_staying(database_);
        sqlite::begin_departure(database_, departure, now);
    });
}

void SourceRecord::mark_moved() {
    transact([this] { sqlite::mark_moved(database_); });
}

void SourceRecord::stay() {
    transact([this] { sqlite::cancel_departure(database_); });
}

const SourceRecord::Statements& SourceRecord::statements_for(const Table& table) {
    const auto [found, is_new] = statements_.try_emplace(table.name);
    Statements& statements = found->second;
    if (is_new) {
        const std::string from = " FROM " + std::string(table.name) + " WHERE " + std::string(table.only);
        const std::string key = names(table, table.keys);
        const std::string select = "SELECT " + names(table, table.columns.size()) + from;
        const std::string order = " ORDER BY " + key;
        statements.count = "SELECT COUNT(*)" + from;
        statements.first = select + order;
        statements.next = select + " AND (" + key + ") > (" + bindings("?", 1, table.keys) + ")" + order;
    }
    return statements;
}

std::uint64_t SourceRecord::count(const Table& table) {
    sqlite::Rows rows = database_.query(statements_for(table).count.c_str());
    return rows.next() ? static_cast<std::uint64_t>(rows.integer(0)) : 0;
}

Page SourceRecord::page(const Table& table, const std::optional<Key>& after) {
    const Statements& statements = statements_for(table);
    sqlite::Rows rows =
        after ? database_.query(statements.next.c_str(), *after) : database_.query(statements.first.c_str());
    Page page;
    std::size_t size = 0;
    while (page.size() < page_rows && size < page_bytes && rows.next()) {
        Row& row = page.emplace_back();
        row.reserve(table.columns.size());
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            row.push_back(read_cell(rows, static_cast<int>(i), table.columns[i].type));
            size += row.back() ? row.back()->size() : 0;
        }
    }
    return page;
}

std::string SourceRecord::schedule_anchor() {
    sqlite::Rows rows = database_.query("SELECT value FROM remembered WHERE name = 'schedule_anchor'");
    return rows.next() ? rows.text(0) : std::string();
}

}  // namespace signwatch::copy
