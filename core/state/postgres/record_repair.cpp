#include "core/state/postgres/record_repair.hpp"

#include "core/state/postgres/accounts.hpp"
#include "core/state/postgres/recovery.hpp"
#include "core/state/postgres/watch_schedule.hpp"

// SQL that is true while a line of another living replica works on the update.
#define SIGNWATCH_ON_ANOTHER_LINE(now, me) "(next_attempt_at > " now " AND " SIGNWATCH_HELD_BY_ANOTHER("holder", me) ")"

namespace signwatch::postgres {
namespace {

// As for everything that comes to one process: its row first, then those of its updates.
void lock_process_of(Database& database, UpdateId id) {
    database.execute(
        "SELECT 1 FROM process WHERE id = (SELECT process_id FROM status_update WHERE id = $1) FOR NO KEY UPDATE", id);
}

bool give_turns_in(Database& database, Rows process) {
    if (!process.next()) return false;
    give_turns(database, process.integer(0));
    return true;
}

}  // namespace

bool fetch_again(Database& database, UpdateId id, bool whole, WallTime now) {
    lock_process_of(database, id);
    return give_turns_in(
        database,
        database.query(
            "UPDATE status_update SET stage = 'received', attempts = 0, last_code = '', next_attempt_at = $3,"
            " incomplete = $2, fetched_before = true, holder = NULL WHERE id = $1"
            " AND stage IN ('committed', 'acknowledged') AND committed_at IS NOT NULL"
            " AND NOT COALESCE(" SIGNWATCH_ON_ANOTHER_LINE("$3", "$4::bigint") ", false) RETURNING process_id",
            id,
            whole,
            now,
            database.holder()));
}

bool resume_update(Database& database, UpdateId id, WallTime now) {
    lock_process_of(database, id);
    return give_turns_in(
        database,
        database.query("UPDATE status_update SET next_attempt_at = $2 WHERE id = $1"
                       " AND (stage = 'received' OR (stage = 'committed' AND acknowledgement = 'pending'))"
                       " AND NOT COALESCE(" SIGNWATCH_ON_ANOTHER_LINE("$2", "$3::bigint") ", false)"
                                                                                          " RETURNING process_id",
                       id,
                       now,
                       database.holder()));
}

// They are still counted: nobody took them out of the schedule.
std::size_t reschedule_watches(Database& database, const std::vector<WatchId>& watches, WallTime due_at) {
    const std::int64_t placed = database.execute(
        "INSERT INTO due_watch (account_id, due_at, watch_id) SELECT w.account_id, $2, w.id FROM watch w"
        " WHERE w.id = ANY($1::bigint[]) AND w.rests = '' AND w.retired_until IS NULL ON CONFLICT DO NOTHING",
        watches,
        due_at);
    return static_cast<std::size_t>(placed);
}

bool move_watch(Database& database, WatchId watch, WallTime stands_at, WallTime due_at) {
    return database.execute(
               "UPDATE due_watch SET due_at = $3 WHERE watch_id = $1 AND due_at = $2", watch, stands_at, due_at) > 0;
}

bool follow_again(Database& database, const std::string& account, const std::string& process_id, WallTime due_at) {
    const auto id = find_account(database, account);
    if (!id) return false;
    Rows rows = database.query(
        "SELECT p.id, w.id FROM process p LEFT JOIN watch w ON w.id = p.watch_id WHERE p.account_id = $1"
        " AND p.process_id = $2 AND p.registered_at IS NOT NULL AND p.state IN ('created', 'in_progress', 'unknown')"
        " AND (w.id IS NULL OR w.rests = 'ended') FOR NO KEY UPDATE OF p",
        *id,
        process_id);
    if (!rows.next()) return false;
    const std::int64_t process = rows.integer(0);
    if (rows.null(1)) {
        const WatchId watch = add_watch(database, *id, {account, WatchKind::process, process_id}, due_at);
        database.execute("UPDATE process SET watch_id = $2 WHERE id = $1", process, watch);
        database.execute("UPDATE watch SET since = $2 WHERE id = $1", watch, due_at);
    } else {
        rest_watch(database, rows.integer(1), "");
        database.execute("UPDATE watch SET seen = '' WHERE id = $1", rows.integer(1));
        schedule_watch(database, *id, rows.integer(1), due_at);
    }
    return true;
}

}  // namespace signwatch::postgres
