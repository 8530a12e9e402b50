#include "core/state/sqlite/housekeeping.hpp"

#include <cstdint>
#include <vector>

namespace signwatch::sqlite {
namespace {

using Keys = std::vector<std::int64_t>;

// `rows` gives key and time, oldest first; a null time is not to be removed yet, but what follows may be.
Keys take_old(Rows rows, WallTime before) {
    Keys keys;
    while (keys.size() < state::prune_step && rows.next()) {
        const auto time = rows.maybe_time(1);
        if (time && *time >= before) break;
        if (time) keys.push_back(rows.integer(0));
    }
    return keys;
}

Keys prune_events(Database& database, WallTime before) {
    Keys old = take_old(database.query("SELECT event, published_at FROM outbox ORDER BY entry_ms, entry_n"), before);
    for (const std::int64_t event : old) {
        database.execute("DELETE FROM outbox WHERE event = ?1", event);
        database.execute("DELETE FROM event WHERE id = ?1", event);
    }
    return old;
}

Keys prune_bodies(Database& database, WallTime before) {
    Keys old =
        take_old(database.query(
                     "SELECT b.update_id, IIF(u.next_attempt_at IS NULL AND u.stage <> 'parked', u.committed_at, NULL)"
                     " FROM update_body b JOIN status_update u ON u.id = b.update_id ORDER BY b.update_id"),
                 before);
    for (const std::int64_t update : old)
        database.execute("DELETE FROM update_body WHERE update_id = ?1", update);
    return old;
}

Keys prune_unreadable(Database& database, WallTime before) {
    Keys old = take_old(database.query("SELECT id, at FROM unreadable ORDER BY id"), before);
    for (const std::int64_t answer : old)
        database.execute("DELETE FROM unreadable WHERE id = ?1", answer);
    return old;
}

}  // namespace

Pruned prune(Database& database, WallTime before) {
    Pruned pruned;
    for (const auto step : {prune_events, prune_bodies, prune_unreadable}) {
        const std::size_t rows = step(database, before).size();
        pruned.rows += rows;
        pruned.more = pruned.more || rows == state::prune_step;
    }
    return pruned;
}

std::string remember(Database& database, const std::string& name, const std::string& value_if_absent) {
    Rows rows = database.query("SELECT value FROM remembered WHERE name = ?1", name);
    if (rows.next()) return rows.text(0);
    database.execute("INSERT INTO remembered VALUES (?1, ?2)", name, value_if_absent);
    return value_if_absent;
}

void replace(Database& database, const std::string& name, const std::string& value) {
    database.execute(
        "INSERT INTO remembered VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value);
}

void probe(Database& database) {
    database.execute("UPDATE probe SET writes = writes + 1");
}

}  // namespace signwatch::sqlite
