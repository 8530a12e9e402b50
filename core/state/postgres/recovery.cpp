#include "core/state/postgres/recovery.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "core/state/postgres/accounts.hpp"
#include "core/state/postgres/update_rows.hpp"
#include "core/state/postgres/watch_schedule.hpp"

namespace signwatch::postgres {
void defer_update(Database& database, const DeferUpdate& deferral) {
    require_ours(database, deferral.id);
    database.execute(
        "UPDATE status_update SET next_attempt_at = $2, last_code = $3, attempts = GREATEST(0, attempts - $4::integer),"
        " holder = NULL WHERE id = $1 AND next_attempt_at IS NOT NULL",
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
    const std::int64_t resumed = database.execute(
        "UPDATE status_update u SET next_attempt_at = CASE WHEN next_attempt_at > $2 THEN LEAST(next_attempt_at, $4)"
        " ELSE $4 END FROM account a WHERE a.name = ANY($1::text[])"
        " AND u.account_id = a.id AND u.next_attempt_at IS NOT NULL AND NOT " SIGNWATCH_HELD_BY_ANOTHER("u.holder",
                                                                                                        "$3::bigint"),
        accounts,
        now,
        database.holder(),
        now + repeat_gap);
    return static_cast<std::size_t>(resumed);
}

std::vector<PendingUpdate> claim_unfinished(Database& database,
                                            const std::vector<std::string>& accounts,
                                            WallTime now,
                                            WallTime lease_until,
                                            std::size_t limit) {
    using Due = std::pair<WallTime, UpdateId>;
    std::vector<Due> due;
    Rows rows = database.query(
        "WITH due AS (SELECT x.id, x.next_attempt_at FROM account a CROSS JOIN LATERAL (SELECT u.id, u.next_attempt_at"
        " FROM status_update u WHERE u.account_id = a.id AND NOT u.waiting AND u.next_attempt_at <= $2"
        " ORDER BY u.next_attempt_at, u.id LIMIT $4 FOR NO KEY UPDATE SKIP LOCKED) x WHERE a.name = ANY($1::text[])"
        " ORDER BY x.next_attempt_at, x.id LIMIT $4)"
        " UPDATE status_update u SET attempts = attempts + 1, next_attempt_at = $3, holder = $5 FROM due"
        " WHERE u.id = due.id RETURNING due.next_attempt_at, u.id",
        accounts,
        now,
        lease_until,
        limit,
        database.holder());
    while (rows.next())
        due.emplace_back(rows.time(0), rows.integer(1));
    std::sort(due.begin(), due.end());

    std::vector<PendingUpdate> claimed;
    claimed.reserve(due.size());
    for (const auto& [due_at, id] : due)
        claimed.push_back(load_pending(database, id));
    return claimed;
}

std::optional<WallTime> next_unfinished(Database& database, const std::vector<std::string>& accounts) {
    Rows rows = database.query(
        "SELECT MIN(n.next_attempt_at) FROM account a CROSS JOIN LATERAL (SELECT u.next_attempt_at FROM status_update u"
        " WHERE u.account_id = a.id AND NOT u.waiting AND u.next_attempt_at IS NOT NULL"
        " ORDER BY u.next_attempt_at LIMIT 1) n WHERE a.name = ANY($1::text[])",
        accounts);
    return rows.next() ? rows.maybe_time(0) : std::nullopt;
}

void give_turns(Database& database, std::int64_t process) {
    database.execute(
        "UPDATE status_update SET waiting = id <> (SELECT MIN(id) FROM status_update WHERE process_id = $1 AND stage = "
        "'received')"
        " WHERE process_id = $1 AND stage = 'received'",
        process);
}

std::size_t retry_parked(Database& database, const std::string& account, const std::string& process_id, WallTime now) {
    std::set<std::int64_t> processes;
    std::int64_t retried = 0;
    {
        Rows rows = database.query(
            "UPDATE status_update SET stage = CASE WHEN committed_at IS NULL OR fetched_before THEN 'received' ELSE "
            "'committed' END,"
            " attempts = 0, next_attempt_at = GREATEST($3, COALESCE(retry_from, 0)) WHERE stage = 'parked' AND "
            "account_id = (SELECT id FROM account WHERE name = $1)"
            " AND ($2 = '' OR process_id IN (SELECT p.id FROM process p JOIN account a ON a.id = p.account_id"
            " WHERE a.name = $1 AND p.process_id = $2)) RETURNING process_id",
            account,
            process_id,
            now);
        for (; rows.next(); ++retried)
            processes.insert(rows.integer(0));
    }
    for (const std::int64_t process : processes)
        give_turns(database, process);
    return static_cast<std::size_t>(retried) + unpark_watches(database, account, process_id, now);
}

}  // namespace signwatch::postgres
