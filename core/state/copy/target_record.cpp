#include "core/state/copy/target_record.hpp"

#include <chrono>
#include <thread>
#include <type_traits>

#include "core/crypto/encoding.hpp"
#include "core/domain/error.hpp"
#include "core/state/copy/derived.hpp"
#include "core/state/postgres/migrations.hpp"

namespace signwatch::copy {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

// A session whose client was killed ends at its next look at the connection, or when what it is at has ended.
constexpr seconds patience{30};
constexpr milliseconds between_looks{100};

// Whole tables are read and counted, and a page may meet a slow disk. Nobody else waits for our locks.
constexpr const char* session =
    "SET statement_timeout = '1h'; SET lock_timeout = '20s'; SET idle_in_transaction_session_timeout = '60s';"
    " SET client_connection_check_interval = '1s'";

constexpr const char* nothing_published = "INSERT INTO stream_position VALUES (1, 0, 0, 0, 0)";

postgres::Values bind(const std::optional<Key>& after, std::size_t limit) {
    postgres::Values values;
    values.add(static_cast<std::int64_t>(limit));
    for (const auto& each : after.value_or(Key()))
        std::visit([&values](const auto& value) { values.add(value); }, each);
    return values;
}

Cell read_cell(const postgres::Rows& rows, int column, Type type) {
    if (rows.null(column)) return std::nullopt;
    if (type == Type::truth) return rows.truth(column) ? "1" : "0";
    return type == Type::bytes ? rows.bytes(column) : rows.text(column);
}

Cell written(const Cell& cell, Type type) {
    if (!cell || type != Type::bytes) return cell;
    return "\\x" + crypto::to_hex({reinterpret_cast<const unsigned char*>(cell->data()), cell->size()});
}

// Column by column.
postgres::Values bind(const Table& table, const Page& page) {
    postgres::Values values;
    std::vector<Cell> column(page.size());
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        for (std::size_t row = 0; row < page.size(); ++row)
            column[row] = written(page[row][i], table.columns[i].type);
        values.add(column);
    }
    return values;
}

std::string arrays(const Table& table) {
    static constexpr std::string_view types[]{"bigint", "boolean", "text", "bytea"};
    std::string list;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const std::string_view type = types[static_cast<std::size_t>(table.columns[i].type)];
        list += (i > 0 ? ", $" : "$") + std::to_string(i + 1) + "::" + std::string(type) + "[]";
    }
    return list;
}

[[noreturn]] void throw_not_empty(const std::string& why) {
    throw Error(ErrorKind::permanent, "store_not_empty", why);
}

}  // namespace

template <typename Work>
auto TargetRecord::transact(const Work& work) {
    database_.begin();
    try {
        if constexpr (std::is_void_v<decltype(work())>) {
            work();
            database_.commit();
        } else {
            auto result = work();
            database_.commit();
            return result;
        }
    } catch (...) {
        database_.roll_back();
        throw;
    }
}

TargetRecord::TargetRecord(const postgres::Server& server) : database_(server) {
    postgres::migrate(database_);
    transact([this] { database_.script(session); });
    wait_for_others();
}

// The lock belongs to the session, and a session ends only after what it was at.
void TargetRecord::wait_for_others() {
    const auto end = steady_clock::now() + patience;
    while (steady_clock::now() < end) {
        const bool ours = transact([this] {
            postgres::Rows rows = database_.query("SELECT pg_try_advisory_lock(5999223)");
            return rows.next() && rows.truth(0);
        });
        if (ours) return;
        std::this_thread::sleep_for(between_looks);
    }
    throw Error(ErrorKind::transient, "store_busy", "another `signwatch store copy` is at work on this database");
}

std::optional<postgres::Arrival> TargetRecord::arrival() {
    return transact([this] { return postgres::find_arrival(database_); });
}

void TargetRecord::require_empty() {
    transact([this] { refuse_if_used(); });
}

void TargetRecord::refuse_if_used() {
    const std::optional<postgres::Arrival> arrival = postgres::find_arrival(database_);
    if (arrival && arrival->state == postgres::ArrivalState::filling) {
        throw_not_empty("the database holds an unfinished copy of another record, from " + arrival->source +
                        ": go on with that, abandon it, or take another database");
    }
    for (const Table& table : tables()) {
        if (table.name == "stream_position") continue;
        postgres::Rows rows = database_.query(statements_for(table).any.c_str());
        if (rows.next()) {
            throw_not_empty("the database holds a record already (there are rows in " + std::string(table.name) +
                            "): take an empty one, or drop it and make it anew");
        }
    }
    if (postgres::count_members(database_) > 0)
        throw_not_empty("a daemon runs on the database that is moved to: stop it first");
}

void TargetRecord::begin(const std::string& move, const std::string& source) {
    transact([&] {
        postgres::hold_writers(database_);
        refuse_if_used();
        postgres::begin_arrival(database_, {move, source, postgres::ArrivalState::filling});
        database_.execute("DELETE FROM stream_position");
    });
}

const TargetRecord::Statements& TargetRecord::statements_for(const Table& table) {
    const auto [found, is_new] = statements_.try_emplace(table.name);
    Statements& statements = found->second;
    if (is_new) {
        const std::string key = names(table, table.keys, " COLLATE \"C\"");
        const std::string select = "SELECT " + names(table, table.columns.size()) + " FROM " + std::string(table.name) +
                                   " WHERE " + std::string(table.only);
        const std::string order = " ORDER BY " + key + " LIMIT $1";
        statements.any = "SELECT 1 FROM " + std::string(table.name) + " LIMIT 1";
        statements.first = select + order;
        statements.next = select + " AND (" + key + ") > (" + bindings("$", 2, table.keys) + ")" + order;
        statements.insert = "INSERT INTO " + std::string(table.name) + " (" + names(table, table.columns.size()) +
                            ") OVERRIDING SYSTEM VALUE SELECT * FROM unnest(" + arrays(table) + ")";
    }
    return statements;
}

Place TargetRecord::place_of(const Table& table) {
    return transact([&] {
        postgres::Rows rows =
            database_.query("SELECT last, rows FROM arrived_rows WHERE name = $1", std::string(table.name));
        Place place;
        if (rows.next()) {
            place.last = decode(rows.text(0));
            place.rows = static_cast<std::uint64_t>(rows.integer(1));
        }
        return place;
    });
}

void TargetRecord::write(const Table& table, const Page& page, Place& place) {
    const Place next{key_of(table, page.back()), place.rows + page.size()};
    try {
        transact([&] { write_rows(table, page, next); });
    } catch (const Error& error) {
        throw Error(error.kind(), error.code(), "table " + std::string(table.name) + ": " + error.what());
    }
    place = next;
}

void TargetRecord::write_rows(const Table& table, const Page& page, const Place& place) {
    database_.query(statements_for(table).insert.c_str(), bind(table, page));
    database_.execute(
        "INSERT INTO arrived_rows VALUES ($1, $2, $3)"
        " ON CONFLICT (name) DO UPDATE SET last = excluded.last, rows = excluded.rows",
        std::string(table.name),
        encode(place.last.value()),
        place.rows);
}

Page TargetRecord::page(const Table& table, const std::optional<Key>& after, std::size_t limit) {
    const Statements& statements = statements_for(table);
    return transact([&] {
        postgres::Rows rows =
            database_.query(after ? statements.next.c_str() : statements.first.c_str(), bind(after, limit));
        Page page;
        while (rows.next()) {
            Row& row = page.emplace_back();
            row.reserve(table.columns.size());
            for (std::size_t i = 0; i < table.columns.size(); ++i)
                row.push_back(read_cell(rows, static_cast<int>(i), table.columns[i].type));
        }
        return page;
    });
}

void TargetRecord::release(const std::function<WallTime()>& schedule_now) {
    for (const Table& table : tables())
        transact([&] { database_.script("ANALYZE " + std::string(table.name)); });
    transact([&] {
        derive(database_, schedule_now);
        postgres::set_arrival(database_, postgres::ArrivalState::released);
    });
}

void TargetRecord::abandon() {
    transact([this] {
        std::string list;
        for (const Table& table : tables())
            list += (list.empty() ? "" : ", ") + std::string(table.name);
        database_.script("TRUNCATE " + list);
        database_.script(nothing_published);
        postgres::set_arrival(database_, postgres::ArrivalState::abandoned);
    });
}

}  // namespace signwatch::copy
