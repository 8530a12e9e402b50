#include "core/state/sqlite/record_repair.hpp"

#include <nlohmann/json.hpp>

#include "core/state/sqlite/accounts.hpp"
#include "core/state/sqlite/recovery.hpp"
#include "core/state/sqlite/update_rows.hpp"
#include "core/state/sqlite/watch_schedule.hpp"

namespace signwatch::sqlite {

bool fetch_again(Database& database, UpdateId id, bool whole, WallTime now) {
    std::int64_t process = 0;
    {
        Rows rows = database.query(
            "UPDATE status_update SET stage = 'received', attempts = 0, last_code = '', next_attempt_at = ?3,"
            " incomplete = ?2, fetched_before = 1 WHERE id = ?1 AND stage IN ('committed', 'acknowledged') AND "
            "committed_at IS NOT NULL"
            " RETURNING process_id",
            id,
            whole,
            now);
        if (!rows.next()) return false;
        process = rows.integer(0);
    }
    give_turns(database, process);
    return true;
}

bool resume_update(Database& database, UpdateId id, WallTime now) {
    std::int64_t process = 0;
    {
        Rows rows = database.query(
            "UPDATE status_update SET next_attempt_at = ?2 WHERE id = ?1"
            " AND (stage = 'received' OR (stage = 'committed' AND acknowledgement = 'pending')) RETURNING process_id",
            id,
            now);
        if (!rows.next()) return false;
        process = rows.integer(0);
    }
    give_turns(database, process);
    return true;
}

std::size_t reschedule_watches(Database& database, const std::vector<WatchId>& watches, WallTime due_at) {
    std::vector<std::pair<AccountId, WatchId>> lost;
    {
        Rows rows = database.query(
            "SELECT w.account_id, w.id FROM json_each(?1) j JOIN watch w ON w.id = j.value WHERE w.rests = ''"
            " AND w.retired_until IS NULL AND w.id NOT IN"
            " (SELECT watch_id FROM due_watch WHERE watch_id IN (SELECT value FROM json_each(?1)))",
            nlohmann::json(watches).dump());
        while (rows.next())
            lost.emplace_back(rows.integer(0), rows.integer(1));
    }
    for (const auto& [account, watch] : lost) {
        database.execute("UPDATE watch SET scheduled = 0 WHERE id = ?1", watch);
        WatchSchedule::schedule(database, account, watch, due_at);
    }
    return lost.size();
}

bool move_watch(Database& database, WatchId watch, WallTime stands_at, WallTime due_at) {
    return database.execute(
               "UPDATE due_watch SET due_at = (SELECT IIF((?3, ?1) > (claimed_due_at, claimed_watch), ?3,"
               " claimed_due_at + 1) FROM account a WHERE a.id = due_watch.account_id)"
               " WHERE account_id = (SELECT account_id FROM watch WHERE id = ?1) AND due_at = ?2 AND watch_id = ?1",
               watch,
               stands_at,
               due_at) > 0;
}

bool follow_again(Database& database, const std::string& account, const std::string& process_id, WallTime due_at) {
    const auto id = find_account(database, account);
    if (!id) return false;
    std::int64_t process = 0;
    WatchId watch = 0;
    {
        Rows rows = database.query(
            "SELECT p.id, w.id FROM process p LEFT JOIN watch w ON w.id = p.watch_id WHERE p.account_id = ?1"
            " AND p.process_id = ?2 AND p.registered_at IS NOT NULL AND p.state IN ('created', 'in_progress', "
            "'unknown')"
            " AND (w.id IS NULL OR w.rests = 'ended')",
            *id,
            process_id);
        if (!rows.next()) return false;
        process = rows.integer(0);
        watch = rows.integer(1);
    }
    if (watch == 0) {
        watch = WatchSchedule::add(database, *id, {account, WatchKind::process, process_id}, due_at, due_at);
        database.execute("UPDATE process SET watch_id = ?2 WHERE id = ?1", process, watch);
    } else {
        database.execute("UPDATE watch SET rests = '', seen = '' WHERE id = ?1", watch);
        WatchSchedule::schedule(database, *id, watch, due_at);
    }
    return true;
}

}  // namespace signwatch::sqlite
