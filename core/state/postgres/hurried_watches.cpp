#include "core/state/postgres/hurried_watches.hpp"

#include <algorithm>

#include "core/domain/names.hpp"

// SQL for when a look that was claimed ends: never, if whoever claimed it is dead.
#define SIGNWATCH_LOOK_ENDS(holder, until) \
    "CASE WHEN EXISTS (SELECT 1 FROM replica r WHERE r.token = " holder ") THEN COALESCE(" until ", 0) ELSE 0 END"

namespace signwatch::postgres {
namespace {

void put_off(Database& database, const ClaimTerms& terms) {
    database.execute(
        "WITH late AS (SELECT h.watch_id, e.look, e.gap FROM unnest($1::text[], $2::bigint[]) AS t(name, gap)"
        " JOIN account a ON a.name = t.name JOIN hurried_watch h ON h.account_id = a.id AND h.due_at <= $3"
        " LEFT JOIN due_watch d ON d.watch_id = h.watch_id LEFT JOIN repeat_gap g ON g.watch_id = h.watch_id"
        " CROSS JOIN LATERAL (SELECT GREATEST(" SIGNWATCH_LOOK_ENDS("d.holder", "d.due_at") ", " SIGNWATCH_LOOK_ENDS(
            "h.holder", "h.claimed_until") ") AS look, CASE WHEN t.gap > 0 THEN COALESCE(g.until, 0) ELSE 0 END AS gap) e"
        " WHERE GREATEST(e.look, e.gap) > $3)"
        // Never just the claim's own time, by which its settlement knows its row.
        " UPDATE hurried_watch h SET due_at = GREATEST(late.look, late.gap) + 1, put_off = h.put_off OR late.look > $3"
        " FROM late WHERE h.watch_id = late.watch_id",
        terms.names,
        terms.gaps,
        terms.now);
}

}  // namespace

ClaimTerms::ClaimTerms(const ClaimWatches& claim) : now(claim.now) {
    for (const ClaimWatches::Account& each : claim.accounts) {
        names.push_back(each.account);
        until.push_back(to_unix_ms(claim.now + each.unanswered_wait));
        most.push_back(static_cast<std::int64_t>(each.limit));
        gaps.push_back(each.repeat_gap.count());
    }
}

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
    claimed.watch.bookmark = rows.bytes(9);
    claimed.watch.due_at = claimed.due_at;
    return claimed;
}

void hurry_watch(Database& database, AccountId account, WatchId watch, const Hurry& hurry, WallTime now) {
    database.execute(
        "INSERT INTO hurried_watch AS h (account_id, due_at, watch_id, via, said_ended, said_restarted)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (watch_id) DO UPDATE"
        " SET due_at = LEAST(h.due_at, excluded.due_at),"
        " via = CASE WHEN excluded.via = 'poll' THEN h.via ELSE excluded.via END,"
        " said_ended = h.said_ended OR excluded.said_ended,"
        " said_restarted = h.said_restarted OR excluded.said_restarted",
        account,
        now,
        watch,
        name_of(hurry.via),
        hurry.said_ended,
        hurry.said_restarted);
}

void drop_hurried(Database& database, WatchId watch) {
    database.execute("DELETE FROM hurried_watch WHERE watch_id = $1", watch);
}

void rest_hurried(Database& database, WatchId watch, const char* rest) {
    database.execute("DELETE FROM hurried_watch WHERE watch_id = $1 AND NOT (said_restarted AND $2 = 'ended')",
                     watch,
                     std::string(rest));
}

std::vector<Claimed> claim_hurried(Database& database, const ClaimTerms& terms) {
    put_off(database, terms);
    std::vector<Claimed> claimed;
    Rows rows = database.query(
        "WITH terms AS (SELECT a.id, t.until, t.most, t.turn FROM"
        " unnest($1::text[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS t(name, until, most, turn)"
        " JOIN account a ON a.name = t.name WHERE a.not_before <= $4),"
        " due AS (SELECT t.turn, t.until, x.* FROM terms t CROSS JOIN LATERAL (SELECT h.watch_id, h.due_at FROM"
        " hurried_watch h WHERE h.account_id = t.id AND h.due_at <= $4 ORDER BY h.due_at, h.watch_id LIMIT t.most"
        " FOR UPDATE SKIP LOCKED) x LIMIT " SIGNWATCH_CLAIMED_AT_ONCE
        ")"
        " UPDATE hurried_watch h SET due_at = due.until, claimed_until = due.until, holder = $5::bigint"
        " FROM due JOIN watch w ON w.id = due.watch_id JOIN account a ON a.id = w.account_id"
        " LEFT JOIN watch_note n ON n.watch_id = due.watch_id WHERE h.watch_id = due.watch_id"
        " RETURNING due.turn, due.due_at, h.watch_id, a.name, w.kind, w.target, w.seen, w.interval_ms, w.since,"
        " n.bookmark, h.via, h.said_ended, h.errors, h.said_restarted",
        terms.names,
        terms.until,
        terms.most,
        terms.now,
        database.holder());
    while (rows.next()) {
        Watch& watch = claimed.emplace_back(read_claimed(rows)).watch;
        watch.hurried = true;
        watch.via = from_name<Via>(rows.text(10)).value_or(Via::poll);
        watch.said_ended = rows.truth(11);
        watch.memory.errors = rows.small(12);
        watch.said_restarted = rows.truth(13);
    }
    return claimed;
}

void settle_hurried(Database& database, const SettleWatch& settlement) {
    const WatchId id = settlement.watch;
    const WallTime from = std::max(settlement.settled_at, settlement.repeat_from.value_or(WallTime{}));
    if (settlement.hurried && settlement.under_way) {
        database.execute(
            "UPDATE hurried_watch SET due_at = CASE WHEN due_at = claimed_until THEN $2 ELSE due_at END,"
            " claimed_until = $2 WHERE watch_id = $1",
            id,
            settlement.due_at);
    } else if (settlement.hurried && settlement.answered) {
        // A hint that came during the look has moved the row: that look is still owed.
        database.execute("DELETE FROM hurried_watch WHERE watch_id = $1 AND due_at = claimed_until", id);
        database.execute("UPDATE hurried_watch SET claimed_until = NULL, holder = NULL WHERE watch_id = $1", id);
    } else if (settlement.hurried) {
        // A refusal is of this look alone: what was hinted at meanwhile may be something that it does not hold for.
        database.execute(
            "UPDATE hurried_watch SET due_at = CASE WHEN $4 AND due_at IS DISTINCT FROM claimed_until THEN $5::bigint"
            " ELSE $2::bigint END, errors = $3, claimed_until = NULL, holder = NULL, put_off = false WHERE watch_id = "
            "$1",
            id,
            std::max(settlement.due_at, from),
            settlement.memory.errors,
            settlement.refused,
            from);
    }
    if (settlement.under_way) return;
    database.execute(
        "UPDATE hurried_watch SET due_at = LEAST(due_at, $2), put_off = false WHERE watch_id = $1 AND put_off",
        id,
        from);
}

}  // namespace signwatch::postgres
