#include "core/state/postgres/repeat_gaps.hpp"

namespace signwatch::postgres {

void keep_away(Database& database, WatchId watch, WallTime until) {
    database.execute(
        "INSERT INTO repeat_gap VALUES ($1, $2) ON CONFLICT (watch_id) DO UPDATE SET until = excluded.until",
        watch,
        until);
}

void keep_away_longer(Database& database, WatchId watch, WallTime until) {
    database.execute(
        "INSERT INTO repeat_gap AS g VALUES ($1, $2)"
        " ON CONFLICT (watch_id) DO UPDATE SET until = GREATEST(g.until, excluded.until)",
        watch,
        until);
}

void claim_alone(Database& database, const std::vector<std::string>& accounts) {
    if (accounts.empty()) return;
    database.execute("SELECT 1 FROM account WHERE name = ANY($1::text[]) ORDER BY id FOR NO KEY UPDATE", accounts);
}

void keep_repeats_away(Database& database, const ClaimWatches& claim, const std::vector<Claimed>& claimed) {
    for (const Claimed& each : claimed) {
        const ClaimWatches::Account& terms = claim.accounts[static_cast<std::size_t>(each.turn - 1)];
        if (each.watch.key.kind == WatchKind::process && !each.rests && terms.repeat_gap > milliseconds{0})
            keep_away(database, each.watch.id, claim.now + terms.unanswered_wait);
    }
}

void move_repeats(Database& database, const std::vector<std::string>& accounts, WallTime now) {
    if (accounts.empty()) return;
    database.execute(
        "UPDATE due_watch d SET due_at = g.until FROM account a, repeat_gap g WHERE a.name = ANY($1::text[])"
        " AND d.account_id = a.id AND d.due_at <= $2 AND g.watch_id = d.watch_id AND g.until > $2",
        accounts,
        now);
}

}  // namespace signwatch::postgres
