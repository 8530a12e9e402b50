#include "core/state/sqlite/hurried_watches.hpp"

#include <algorithm>
#include <utility>

#include "core/domain/names.hpp"

namespace signwatch::sqlite {

struct HurriedWatches::Due {
    Watch watch;
    WallTime not_before;  // by the account's repeat gap
};

void HurriedWatches::hurry(Database& database, AccountId account, WatchId watch, const Hurry& hurry, WallTime now) {
    database.execute(
        "INSERT INTO hurried_watch (account_id, due_at, watch_id, via, said_ended, said_restarted)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (watch_id) DO UPDATE SET due_at = MIN(due_at, excluded.due_at),"
        " via = IIF(excluded.via = 'poll', via, excluded.via), said_ended = MAX(said_ended, excluded.said_ended),"
        " said_restarted = MAX(said_restarted, excluded.said_restarted)",
        account,
        now,
        watch,
        name_of(hurry.via),
        hurry.said_ended,
        hurry.said_restarted);
}

void HurriedWatches::drop(Database& database, WatchId watch) {
    database.execute("DELETE FROM hurried_watch WHERE watch_id = ?1", watch);
}

void HurriedWatches::rest(Database& database, WatchId watch, const char* rest) {
    database.execute(
        "DELETE FROM hurried_watch WHERE watch_id = ?1 AND NOT (said_restarted AND ?2 = 'ended')", watch, rest);
}

std::vector<HurriedWatches::Due> HurriedWatches::first_due(Database& database,
                                                           AccountId account,
                                                           const ClaimWatches::Account& terms,
                                                           WallTime now) {
    std::vector<Due> found;
    Rows rows = database.query(
        "SELECT h.due_at, h.watch_id, w.kind, w.target, w.seen, w.interval_ms, w.since, h.via, h.said_ended, h.errors,"
        " n.bookmark, r.until, h.said_restarted FROM hurried_watch h JOIN watch w ON w.id = h.watch_id"
        " LEFT JOIN watch_note n ON n.watch_id = h.watch_id LEFT JOIN repeat_gap r ON r.watch_id = h.watch_id"
        " WHERE h.account_id = ?1 AND h.due_at <= ?2 ORDER BY h.due_at, h.watch_id LIMIT ?3",
        account,
        now,
        terms.limit);
    while (rows.next()) {
        Due& due = found.emplace_back();
        Watch& watch = due.watch;
        watch.due_at = rows.time(0);
        watch.id = rows.integer(1);
        watch.key.account = terms.account;
        watch.key.kind = from_name<WatchKind>(rows.text(2)).value_or(WatchKind::queue);
        watch.key.target = rows.text(3);
        watch.seen = rows.text(4);
        if (!rows.null(5)) watch.interval = milliseconds{rows.integer(5)};
        watch.since = rows.time(6);
        watch.hurried = true;
        watch.via = from_name<Via>(rows.text(7)).value_or(Via::poll);
        watch.said_ended = rows.small(8) != 0;
        watch.said_restarted = rows.small(12) != 0;
        watch.memory.errors = rows.small(9);
        watch.bookmark = rows.text(10);
        if (terms.repeat_gap > milliseconds{0} && !rows.null(11)) due.not_before = rows.time(11);
    }
    return found;
}

std::vector<Watch> HurriedWatches::claim(Database& database,
                                         AccountId account,
                                         const ClaimWatches::Account& terms,
                                         WallTime now,
                                         const UnderWay& under_way) {
    const WallTime until = now + terms.unanswered_wait;
    const auto move = [&database](WatchId watch, WallTime due_at) {
        database.execute("UPDATE hurried_watch SET due_at = ?2 WHERE watch_id = ?1", watch, due_at);
    };
    std::vector<Watch> claimed;
    // Those that have to wait are moved away: once each, and what is behind them has its turn.
    for (bool again = true; again && claimed.size() < terms.limit;) {
        again = false;
        for (Due& due : first_due(database, account, terms, now)) {
            const WatchId id = due.watch.id;
            const auto own = claimed_.find(id);
            const WallTime look_ends = std::max(under_way(id), own == claimed_.end() ? WallTime{} : own->second);
            if (look_ends > now) put_off_.insert(id);
            const WallTime blocked_until = std::max(look_ends, due.not_before);
            if (blocked_until > now) {
                // Never just the claim's own time, by which its settlement knows its row.
                move(id, blocked_until + milliseconds{1});
                again = true;
            } else if (claimed.size() < terms.limit) {
                move(id, until);
                claimed_[id] = until;
                claimed.push_back(std::move(due.watch));
            }
        }
    }
    return claimed;
}

void HurriedWatches::settle(Database& database, const SettleWatch& settlement) {
    const WatchId id = settlement.watch;
    const WallTime from = std::max(settlement.settled_at, settlement.repeat_from.value_or(WallTime{}));
    if (settlement.hurried) {
        const auto claim = claimed_.extract(id);
        const WallTime until = claim ? claim.mapped() : WallTime{};
        if (settlement.under_way) {
            database.execute("UPDATE hurried_watch SET due_at = ?3 WHERE watch_id = ?1 AND due_at = ?2",
                             id,
                             until,
                             settlement.due_at);
            claimed_[id] = settlement.due_at;
        } else if (settlement.answered) {
            // A hint that came during the look has moved the row: that look is still owed.
            database.execute("DELETE FROM hurried_watch WHERE watch_id = ?1 AND due_at = ?2", id, until);
        } else {
            // A refusal is of this look alone: what was hinted at meanwhile may be something that it does not hold for.
            database.execute(
                "UPDATE hurried_watch SET due_at = IIF(?4 AND due_at <> ?5, ?6, ?2), errors = ?3 WHERE watch_id = ?1",
                id,
                std::max(settlement.due_at, from),
                settlement.memory.errors,
                settlement.refused,
                until,
                from);
            put_off_.erase(id);
        }
    }
    if (settlement.under_way || put_off_.erase(id) == 0) return;
    database.execute("UPDATE hurried_watch SET due_at = ?2 WHERE watch_id = ?1 AND due_at > ?2", id, from);
}

void HurriedWatches::forget_claims() {
    claimed_.clear();
    put_off_.clear();
}

}  // namespace signwatch::sqlite
