#include "core/state/sqlite/repeat_gaps.hpp"

#include <vector>

namespace signwatch::sqlite {
namespace {

struct TooSoon {
    WallTime due_at;
    WatchId watch = 0;
    WallTime until;
};

std::vector<TooSoon> too_soon(Database& database, AccountId account, WallTime now, std::size_t limit) {
    std::vector<TooSoon> found;
    Rows rows = database.query(
        "SELECT d.due_at, d.watch_id, r.until FROM (SELECT due_at, watch_id FROM due_watch"
        " WHERE account_id = ?1 AND due_at <= ?2 AND (due_at, watch_id) >"
        " (SELECT claimed_due_at, claimed_watch FROM account WHERE id = ?1) ORDER BY due_at, watch_id LIMIT ?3) d"
        " JOIN repeat_gap r ON r.watch_id = d.watch_id WHERE r.until > ?2",
        account,
        now,
        limit);
    while (rows.next())
        found.push_back({rows.time(0), rows.integer(1), rows.time(2)});
    return found;
}

}  // namespace

void keep_away(Database& database, WatchId watch, WallTime until) {
    database.execute(
        "INSERT INTO repeat_gap VALUES (?1, ?2) ON CONFLICT (watch_id) DO UPDATE SET until = excluded.until",
        watch,
        until);
}

void keep_away_longer(Database& database, WatchId watch, WallTime until) {
    database.execute(
        "INSERT INTO repeat_gap VALUES (?1, ?2) ON CONFLICT (watch_id) DO UPDATE SET until = MAX(until, "
        "excluded.until)",
        watch,
        until);
}

void move_repeats(Database& database, AccountId account, WallTime now, std::size_t limit) {
    for (auto found = too_soon(database, account, now, limit); !found.empty();
         found = too_soon(database, account, now, limit)) {
        for (const TooSoon& each : found) {
            database.execute("UPDATE due_watch SET due_at = ?4 WHERE account_id = ?1 AND due_at = ?2 AND watch_id = ?3",
                             account,
                             each.due_at,
                             each.watch,
                             each.until);
        }
    }
}

}  // namespace signwatch::sqlite
