#include "core/state/postgres/housekeeping.hpp"

#include <cstdint>

namespace signwatch::postgres {
namespace {

// So many replicas count without waiting for each other.
constexpr std::int64_t tally_slots = 16;

// Each takes a step of the oldest: what is not old yet ends it, what is not to be removed yet is passed over.
std::int64_t prune_events(Database& database, WallTime before) {
    return database.execute(
        "WITH old AS (DELETE FROM outbox WHERE event IN (SELECT event FROM outbox WHERE published_at < $1"
        " ORDER BY entry_ms, entry_n LIMIT $2) RETURNING event) DELETE FROM event USING old WHERE id = old.event",
        before,
        state::prune_step);
}

std::int64_t prune_bodies(Database& database, WallTime before) {
    return database.execute(
        "DELETE FROM update_body WHERE update_id IN (SELECT b.update_id FROM update_body b JOIN status_update u"
        " ON u.id = b.update_id WHERE u.next_attempt_at IS NULL AND u.stage <> 'parked' AND u.committed_at < $1"
        " ORDER BY b.update_id LIMIT $2)",
        before,
        state::prune_step);
}

std::int64_t prune_unreadable(Database& database, WallTime before) {
    return database.execute(
        "DELETE FROM unreadable WHERE id IN (SELECT id FROM unreadable WHERE at < $1 ORDER BY id LIMIT $2)",
        before,
        state::prune_step);
}

}  // namespace

Pruned prune(Database& database, WallTime before) {
    Pruned pruned;
    for (const auto step : {prune_events, prune_bodies, prune_unreadable}) {
        const auto rows = static_cast<std::size_t>(step(database, before));
        pruned.rows += rows;
        pruned.more = pruned.more || rows == state::prune_step;
    }
    database.execute("DELETE FROM writer WHERE used_at < now() - interval '1 day'");
    return pruned;
}

std::string remember(Database& database, const std::string& name, const std::string& value_if_absent) {
    database.execute("INSERT INTO remembered VALUES ($1, $2) ON CONFLICT DO NOTHING", name, Blob{value_if_absent});
    Rows rows = database.query("SELECT value FROM remembered WHERE name = $1", name);
    return rows.next() ? rows.bytes(0) : std::string();
}

void replace(Database& database, const std::string& name, const std::string& value) {
    database.execute("INSERT INTO remembered VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                     name,
                     Blob{value});
}

void write_tally(Database& database) {
    const std::int64_t slot = database.holder().value_or(0) % tally_slots;
    for (const auto& [key, more] : database.gathered().tally) {
        if (more == 0) continue;
        database.execute(
            "INSERT INTO tally VALUES ($1, $2, $3, $4)"
            " ON CONFLICT (what, account_id, slot) DO UPDATE SET amount = tally.amount + excluded.amount",
            key.first,
            key.second,
            slot,
            more);
    }
}

void probe(Database& database) {
    database.execute("UPDATE probe SET writes = writes + 1");
}

}  // namespace signwatch::postgres
