#include "core/state/sqlite/claimed_stretches.hpp"

#include <algorithm>

namespace signwatch::sqlite {

Place ClaimedStretches::end(Database& database, AccountId account) {
    Stretch& stretch = of(database, account);
    if (!stretch.ours) {
        // A look that never ended is an attempt.
        database.execute(
            "UPDATE due_watch SET due_at = ?4, attempts = attempts + 1"
            " WHERE account_id = ?1 AND due_at <= ?2 AND (due_at, watch_id) <= (?2, ?3)",
            account,
            stretch.end.due_at,
            stretch.end.watch,
            stretch.until);
        stretch = Stretch{{}, {}, true};
        mark(database, account, stretch);
    }
    return stretch.end;
}

void ClaimedStretches::extend(Database& database, AccountId account, const Place& end, WallTime until) {
    Stretch& stretch = of(database, account);
    stretch.end = end;
    stretch.until = std::max(stretch.until, until);
    mark(database, account, stretch);
}

bool ClaimedStretches::covers(Database& database, AccountId account, const Place& place) {
    return place <= of(database, account).end;
}

WallTime ClaimedStretches::until(Database& database, AccountId account) {
    return of(database, account).until;
}

WallTime ClaimedStretches::behind(Database& database, AccountId account, const Place& place) {
    const Place& end = of(database, account).end;
    return place <= end ? end.due_at + milliseconds{1} : place.due_at;
}

ClaimedStretches::Stretch& ClaimedStretches::of(Database& database, AccountId account) {
    const auto found = stretches_.find(account);
    if (found != stretches_.end()) return found->second;
    Stretch stretch;
    Rows rows =
        database.query("SELECT claimed_due_at, claimed_watch, claimed_until FROM account WHERE id = ?1", account);
    if (rows.next()) stretch = Stretch{{rows.time(0), rows.integer(1)}, rows.time(2)};
    return stretches_.emplace(account, stretch).first->second;
}

void ClaimedStretches::mark(Database& database, AccountId account, const Stretch& stretch) {
    database.execute("UPDATE account SET claimed_due_at = ?2, claimed_watch = ?3, claimed_until = ?4 WHERE id = ?1",
                     account,
                     stretch.end.due_at,
                     stretch.end.watch,
                     stretch.until);
}

}  // namespace signwatch::sqlite
