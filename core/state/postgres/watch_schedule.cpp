#include "core/state/postgres/watch_schedule.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "core/domain/error.hpp"
#include "core/domain/names.hpp"

namespace signwatch::postgres {
namespace {

struct Existing {
    WatchId id = 0;
    std::string kind;
    std::string target;
    std::optional<WallTime> retired_until;

    bool is(const WatchKey& key) const { return target == key.target && kind == name_of(key.kind); }
};

std::vector<Existing> standing_watches(Database& database, AccountId account) {
    std::vector<Existing> found;
    Rows rows = database.query(
        "SELECT id, kind, target, retired_until FROM watch WHERE account_id = $1 AND kind IN ('queue', 'sweep')",
        account);
    while (rows.next())
        found.push_back({rows.integer(0), rows.text(1), rows.text(2), rows.maybe_time(3)});
    return found;
}

void revive(Database& database, AccountId account, const Existing& watch, WallTime now) {
    database.execute("UPDATE watch SET retired_until = NULL WHERE id = $1", watch.id);
    schedule_watch(database, account, watch.id, std::max(now, *watch.retired_until));
}

void unschedule(Database& database, WatchId watch) {
    Rows rows = database.query("DELETE FROM due_watch WHERE watch_id = $1 RETURNING account_id", watch);
    if (rows.next()) database.count("watch", rows.integer(0), -1);
}

void retire(Database& database, WatchId watch) {
    Rows rows = database.query("DELETE FROM due_watch WHERE watch_id = $1 RETURNING account_id, due_at", watch);
    if (!rows.next()) return;
    database.count("watch", rows.integer(0), -1);
    database.execute("UPDATE watch SET retired_until = $2 WHERE id = $1", watch, rows.time(1));
}

void end_watch(Database& database, WatchId watch, const char* rest) {
    const std::int64_t ended = database.execute(
        "UPDATE watch SET rests = $2 WHERE id = $1 AND rests = '' AND kind = 'process'", watch, rest);
    database.execute("DELETE FROM hurried_watch WHERE watch_id = $1", watch);
    if (ended > 0) unschedule(database, watch);
}

// The accounts of a claim as columns.
struct Terms {
    std::vector<std::string> names;
    std::vector<std::int64_t> until;
    std::vector<std::int64_t> most;
};

Terms terms_of(const ClaimWatches& claim) {
    Terms terms;
    for (const ClaimWatches::Account& each : claim.accounts) {
        terms.names.push_back(each.account);
        terms.until.push_back(to_unix_ms(claim.now + each.unanswered_wait));
        terms.most.push_back(static_cast<std::int64_t>(each.limit));
    }
    return terms;
}

struct Claimed {
    std::int64_t turn = 0;  // of its account in the claim
    WallTime due_at;        // of its row
    bool rests = false;
    Watch watch;
};

// Columns 0 to 8 of both claims.
Claimed read_claimed(const Rows& rows) {
    Claimed claimed;
    claimed.turn = rows.integer(0);
    claimed.due_at = rows.time(1);
    claimed.watch.id = rows.integer(2);
    claimed.watch.key.account = rows.text(3);
    claimed.watch.key.kind = from_name<WatchKind>(rows.text(4)).value_or(WatchKind::queue);
    claimed.watch.key.target = rows.text(5);
    claimed.watch.seen = rows.text(6);
    if (!rows.null(7)) claimed.watch.interval = milliseconds{rows.integer(7)};
    claimed.watch.since = rows.time(8);
    claimed.watch.due_at = claimed.due_at;
    return claimed;
}

std::vector<Claimed> claim_hurried(Database& database, const Terms& terms, WallTime now) {
    std::vector<Claimed> claimed;
    Rows rows = database.query(
        "WITH terms AS (SELECT a.id, t.until, t.most, t.turn FROM"
        " unnest($1::text[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS t(name, until, most, turn)"
        " JOIN account a ON a.name = t.name WHERE a.not_before <= $4),"
        " due AS (SELECT t.turn, t.until, x.* FROM terms t CROSS JOIN LATERAL (SELECT h.watch_id, h.due_at FROM"
        " hurried_watch h WHERE h.account_id = t.id AND h.due_at <= $4 ORDER BY h.due_at, h.watch_id LIMIT t.most"
        " FOR UPDATE SKIP LOCKED) x)"
        " UPDATE hurried_watch h SET due_at = due.until, claimed_until = due.until"
        " FROM due JOIN watch w ON w.id = due.watch_id JOIN account a ON a.id = w.account_id"
        " WHERE h.watch_id = due.watch_id"
        " RETURNING due.turn, due.due_at, h.watch_id, a.name, w.kind, w.target, w.seen, w.interval_ms, w.since",
        terms.names,
        terms.until,
        terms.most,
        now);
    while (rows.next()) {
        claimed.push_back(read_claimed(rows));
        claimed.back().watch.hurried = true;
    }
    return claimed;
}

std::vector<Claimed> claim_regular(Database& database, const Terms& terms, WallTime now) {
    std::vector<Claimed> claimed;
    Rows rows = database.query(
        "WITH terms AS (SELECT a.id, t.until, t.most, t.turn FROM"
        " unnest($1::text[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS t(name, until, most, turn)"
        " JOIN account a ON a.name = t.name WHERE a.not_before <= $4),"
        " due AS (SELECT t.turn, t.until, x.* FROM terms t CROSS JOIN LATERAL (SELECT d.watch_id, d.due_at FROM"
        " due_watch d WHERE d.account_id = t.id AND d.due_at <= $4 AND NOT EXISTS (SELECT 1 FROM status_update u"
        " WHERE u.watch_id = d.watch_id AND u.next_attempt_at IS NOT NULL AND " SIGNWATCH_HELD_BY_ANOTHER(
            "u.holder", "$5::bigint") ")"
        " ORDER BY d.due_at, d.watch_id LIMIT t.most FOR UPDATE OF d SKIP LOCKED) x)"
        " UPDATE due_watch d SET due_at = due.until, attempts = attempts + 1, holder = $5::bigint"
        " FROM due JOIN watch w ON w.id = due.watch_id JOIN account a ON a.id = w.account_id"
        " WHERE d.watch_id = due.watch_id"
        " RETURNING due.turn, due.due_at, d.watch_id, a.name, w.kind, w.target, w.seen, w.interval_ms, w.since,"
        " w.rests <> '', d.errors, d.throttles, d.missing_headers, d.attempts - 1, a.not_before",
        terms.names,
        terms.until,
        terms.most,
        now,
        database.holder());
    while (rows.next()) {
        Claimed& each = claimed.emplace_back(read_claimed(rows));
        each.rests = rows.truth(9);
        each.watch.memory = PollMemory{rows.small(10), rows.small(11), rows.small(12)};
        each.watch.attempts = rows.small(13);
        each.watch.due_at = std::max(each.due_at, rows.time(14));
    }
    return claimed;
}

void settle_hurried(Database& database, const SettleWatch& settlement) {
    // A hint that came during the look has made the row due again: that look is still owed.
    if (settlement.answered) {
        database.execute("DELETE FROM hurried_watch WHERE watch_id = $1 AND due_at = claimed_until", settlement.watch);
    } else {
        database.execute(
            "UPDATE hurried_watch SET due_at = $2, claimed_until = CASE WHEN $3 THEN $2 END"
            " WHERE watch_id = $1 AND due_at = claimed_until",
            settlement.watch,
            settlement.due_at,
            settlement.under_way);
    }
}

// There is no row to settle: another replica has it, or it is not polled any more.
void settle_elsewhere(Database& database, const SettleWatch& settlement) {
    Rows rows = database.query(
        "SELECT w.kind, d.watch_id IS NOT NULL FROM watch w LEFT JOIN due_watch d ON d.watch_id = w.id WHERE w.id = $1",
        settlement.watch);
    if (!rows.next()) throw Error(ErrorKind::permanent, "store_unknown_watch", "no such watch in the store");
    if (rows.truth(1)) throw_taken_over();
    if (rows.text(0) == name_of(WatchKind::process)) return;
    database.execute("UPDATE watch SET retired_until = $2 WHERE id = $1", settlement.watch, settlement.due_at);
}

void settle_regular(Database& database, const SettleWatch& settlement) {
    const PollMemory& memory = settlement.memory;
    const std::int64_t settled = database.execute(
        "UPDATE due_watch d SET due_at = $2, errors = $3, throttles = $4, missing_headers = $5, last_polled_at = $6,"
        " last_success_at = CASE WHEN $7 THEN $6 ELSE last_success_at END, attempts = CASE WHEN $8 THEN attempts ELSE 0"
        " END, holder = CASE WHEN $8 THEN $9::bigint END"
        " WHERE watch_id = $1 AND NOT " SIGNWATCH_HELD_BY_ANOTHER("d.holder", "$9::bigint"),
        settlement.watch,
        settlement.due_at,
        memory.errors,
        memory.throttles,
        memory.missing_headers,
        settlement.settled_at,
        settlement.answered,
        settlement.under_way,
        database.holder());
    if (settled == 0) settle_elsewhere(database, settlement);
}

}  // namespace

void sync_watches(Database& database,
                  const std::string& account,
                  const std::vector<WatchKey>& standing,
                  WallTime now) {
    const AccountId id = ensure_account(database, account);
    database.execute("SELECT 1 FROM account WHERE id = $1 FOR NO KEY UPDATE", id);  // one replica at a time
    const std::vector<Existing> known = standing_watches(database, id);
    for (const Existing& watch : known) {
        const bool wanted =
            std::any_of(standing.begin(), standing.end(), [&](const auto& key) { return watch.is(key); });
        if (!wanted && !watch.retired_until) retire(database, watch.id);
        if (wanted && watch.retired_until) revive(database, id, watch, now);
    }
    for (const WatchKey& key : standing) {
        if (std::none_of(known.begin(), known.end(), [&](const auto& watch) { return watch.is(key); })) {
            add_watch(database, id, key, now);
        }
    }
}

std::vector<Watch> claim_watches(Database& database, const ClaimWatches& claim) {
    Terms terms = terms_of(claim);
    std::vector<Claimed> claimed = claim_hurried(database, terms, claim.now);
    for (const Claimed& each : claimed)
        --terms.most[static_cast<std::size_t>(each.turn - 1)];
    std::vector<Claimed> regular = claim_regular(database, terms, claim.now);
    std::move(regular.begin(), regular.end(), std::back_inserter(claimed));
    std::sort(claimed.begin(), claimed.end(), [](const Claimed& left, const Claimed& right) {
        return std::tuple(left.turn, !left.watch.hurried, left.due_at, left.watch.id) <
               std::tuple(right.turn, !right.watch.hurried, right.due_at, right.watch.id);
    });
    std::vector<Watch> watches;
    watches.reserve(claimed.size());
    for (Claimed& each : claimed) {
        if (each.rests)
            unschedule(database, each.watch.id);
        else
            watches.push_back(std::move(each.watch));
    }
    return watches;
}

void settle_watch(Database& database, const SettleWatch& settlement) {
    if (settlement.hurried)
        settle_hurried(database, settlement);
    else
        settle_regular(database, settlement);
    if (settlement.ends) end_watch(database, settlement.watch, settlement.parks ? "parked" : "ended");
    if (settlement.defer_account) {
        database.execute(
            "UPDATE account SET not_before = GREATEST(not_before, $2)"
            " WHERE id = (SELECT account_id FROM watch WHERE id = $1)",
            settlement.watch,
            settlement.due_at);
    }
}

void note_seen(Database& database, const StatusUpdate& update) {
    if (update.watch == 0) return;
    database.execute("UPDATE watch SET seen = $2 WHERE id = $1 AND kind = 'process'", update.watch, update.fingerprint);
    if (update.ends_watch) end_watch(database, update.watch, "ended");
}

std::optional<WallTime> next_due(Database& database, const std::vector<std::string>& accounts) {
    Rows rows = database.query(
        "SELECT MIN(GREATEST(a.not_before, n.due_at)) FROM account a CROSS JOIN LATERAL ("
        "(SELECT d.due_at FROM due_watch d WHERE d.account_id = a.id ORDER BY d.due_at LIMIT 1) UNION ALL"
        " (SELECT h.due_at FROM hurried_watch h WHERE h.account_id = a.id ORDER BY h.due_at LIMIT 1)) n"
        " WHERE a.name = ANY($1::text[])",
        accounts);
    return rows.next() ? rows.maybe_time(0) : std::nullopt;
}

std::size_t count_watches(Database& database, const std::string& account) {
    Rows rows = database.query(
        "SELECT COALESCE(SUM(t.amount), 0)::bigint FROM account a JOIN tally t ON t.what = 'watch' AND t.account_id ="
        " a.id WHERE a.name = $1",
        account);
    return rows.next() ? static_cast<std::size_t>(rows.integer(0)) : 0;
}

WatchId add_watch(Database& database, AccountId account, const WatchKey& key, WallTime due_at) {
    Rows rows = database.query("INSERT INTO watch (account_id, kind, target) VALUES ($1, $2, $3) RETURNING id",
                               account,
                               name_of(key.kind),
                               key.target);
    rows.next();
    const WatchId watch = rows.integer(0);
    schedule_watch(database, account, watch, due_at);
    return watch;
}

void schedule_watch(Database& database, AccountId account, WatchId watch, WallTime due_at) {
    const std::int64_t added = database.execute(
        "INSERT INTO due_watch (account_id, due_at, watch_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        account,
        due_at,
        watch);
    if (added > 0) database.count("watch", account, 1);
}

std::size_t unpark_watches(Database& database,
                           const std::string& account,
                           const std::string& process_id,
                           WallTime now) {
    const auto id = find_account(database, account);
    if (!id) return 0;
    std::size_t unparked = 0;
    Rows rows = database.query(
        "UPDATE watch SET rests = '' WHERE account_id = $1 AND rests = 'parked' AND ($2 = '' OR target = $2)"
        " RETURNING id",
        *id,
        process_id);
    for (; rows.next(); ++unparked)
        schedule_watch(database, *id, rows.integer(0), now);
    return unparked;
}

void hurry_watch(Database& database, AccountId account, WatchId watch, WallTime now) {
    database.execute(
        "INSERT INTO hurried_watch (account_id, due_at, watch_id) VALUES ($1, $2, $3)"
        " ON CONFLICT (watch_id) DO UPDATE SET due_at = LEAST(hurried_watch.due_at, excluded.due_at)",
        account,
        now,
        watch);
}

}  // namespace signwatch::postgres
