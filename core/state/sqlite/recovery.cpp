#include "core/state/sqlite/recovery.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "core/state/sqlite/accounts.hpp"
#include "core/state/sqlite/update_rows.hpp"
#include "core/state/sqlite/watch_schedule.hpp"

namespace signwatch::sqlite {
namespace {

using Due = std::pair<WallTime, UpdateId>;

void collect_due(
    Database& database, const std::string& account, WallTime now, std::size_t limit, std::vector<Due>& due) {
    Rows rows = database.query(
        "SELECT u.next_attempt_at, u.id FROM account a JOIN status_update u ON u.account_id = a.id"
        " WHERE a.name = ?1 AND u.waiting = 0 AND u.next_attempt_at IS NOT NULL AND u.next_attempt_at <= ?2"
        " ORDER BY u.next_attempt_at, u.id LIMIT ?3",
        account,
        now,
        limit);
    while (rows.next())
        due.emplace_back(rows.time(0), rows.integer(1));
}

}  // namespace

void defer_update(Database& database, const DeferUpdate& deferral) {
    database.execute(
        "UPDATE status_update SET next_attempt_at = ?2, last_code = ?3, attempts = MAX(0, attempts - ?4)"
        " WHERE id = ?1 AND next_attempt_at IS NOT NULL",
        deferral.id,
        deferral.next_attempt_at,
        deferral.code,
        deferral.counts ? 0 : 1);
}

// With a repeat gap, one whose time is set lies behind it or was put there by an earlier start: it only ever comes
// nearer.
std::size_t resume_unfinished(Database& database,
                              const std::vector<std::string>& accounts,
                              WallTime now,
                              milliseconds repeat_gap) {
    std::int64_t resumed = 0;
    for (const std::string& account : accounts) {
        const auto id = find_account(database, account);
        if (!id) continue;
        resumed += database.execute(
            "UPDATE status_update SET next_attempt_at = IIF(next_attempt_at > ?2, MIN(next_attempt_at, ?3), ?3)"
            " WHERE account_id = ?1 AND next_attempt_at IS NOT NULL",
            *id,
            now,
            now + repeat_gap);
    }
    return static_cast<std::size_t>(resumed);
}

std::vector<PendingUpdate> claim_unfinished(Database& database,
                                            const std::vector<std::string>& accounts,
                                            WallTime now,
                                            WallTime lease_until,
                                            std::size_t limit) {
    std::vector<Due> due;
    for (const std::string& account : accounts)
        collect_due(database, account, now, limit, due);
    std::sort(due.begin(), due.end());
    due.resize(std::min(due.size(), limit));

    std::vector<PendingUpdate> claimed;
    claimed.reserve(due.size());
    for (const auto& [due_at, id] : due) {
        database.execute(
            "UPDATE status_update SET attempts = attempts + 1, next_attempt_at = ?2 WHERE id = ?1", id, lease_until);
        claimed.push_back(load_pending(database, id));
    }
    return claimed;
}

std::optional<WallTime> next_unfinished(Database& database, const std::vector<std::string>& accounts) {
    std::optional<WallTime> next;
    for (const std::string& account : accounts) {
        Rows rows = database.query(
            "SELECT u.next_attempt_at FROM account a JOIN status_update u ON u.account_id = a.id"
            " WHERE a.name = ?1 AND u.waiting = 0 AND u.next_attempt_at IS NOT NULL ORDER BY u.next_attempt_at LIMIT 1",
            account);
        if (rows.next() && (!next || rows.time(0) < *next)) next = rows.time(0);
    }
    return next;
}

void give_turns(Database& database, std::int64_t process) {
    database.execute(
        "UPDATE status_update SET waiting = id <> (SELECT MIN(id) FROM status_update WHERE process_id = ?1 AND stage = "
        "'received')"
        " WHERE process_id = ?1 AND stage = 'received'",
        process);
}

std::size_t retry_parked(Database& database, const std::string& account, const std::string& process_id, WallTime now) {
    std::set<std::int64_t> processes;
    std::int64_t retried = 0;
    {
        Rows rows = database.query(
            "UPDATE status_update SET stage = IIF(committed_at IS NULL OR fetched_before, 'received', 'committed'), "
            "attempts = 0, next_attempt_at = MAX(?3, COALESCE(retry_from, 0)) WHERE stage = 'parked' AND account_id = "
            "(SELECT id FROM account WHERE name = ?1)"
            " AND (?2 = '' OR process_id IN (SELECT p.id FROM process p JOIN account a ON a.id = p.account_id"
            " WHERE a.name = ?1 AND p.process_id = ?2)) RETURNING process_id",
            account,
            process_id,
            now);
        for (; rows.next(); ++retried)
            processes.insert(rows.integer(0));
    }
    for (const std::int64_t process : processes)
        give_turns(database, process);
    return static_cast<std::size_t>(retried) + WatchSchedule::unpark(database, account, process_id, now);
}

}  // namespace signwatch::sqlite
