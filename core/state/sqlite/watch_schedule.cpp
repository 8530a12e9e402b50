#include "core/state/sqlite/watch_schedule.hpp"

#include <algorithm>
#include <tuple>

#include "core/domain/error.hpp"
#include "core/domain/names.hpp"
#include "core/state/sqlite/repeat_gaps.hpp"

namespace signwatch::sqlite {
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
        "SELECT id, kind, target, retired_until FROM watch WHERE account_id = ?1 AND kind IN ('queue', 'sweep')",
        account);
    while (rows.next())
        found.push_back({rows.integer(0), rows.text(1), rows.text(2), rows.maybe_time(3)});
    return found;
}

void revive(Database& database, AccountId account, const Existing& watch, WallTime now) {
    database.execute("UPDATE watch SET retired_until = NULL WHERE id = ?1", watch.id);
    WatchSchedule::schedule(database, account, watch.id, std::max(now, *watch.retired_until));
}

WallTime not_before(Database& database, AccountId account) {
    Rows rows = database.query("SELECT not_before FROM account WHERE id = ?1", account);
    return rows.next() ? rows.time(0) : WallTime{};
}

void unschedule(Database& database, AccountId account, WallTime due_at, WatchId watch) {
    if (!take_out(database, account, due_at, watch)) return;
    database.execute("UPDATE watch SET scheduled = 0 WHERE id = ?1", watch);
    database.execute("DELETE FROM changed_watch WHERE watch_id = ?1", watch);
}

void note_bookmark(Database& database, WatchId watch, const std::string& bookmark) {
    database.execute(
        "INSERT INTO watch_note (watch_id, bookmark) VALUES (?1, ?2)"
        " ON CONFLICT (watch_id) DO UPDATE SET bookmark = excluded.bookmark",
        watch,
        Blob{bookmark});
}

// From now on nobody asks about these processes again before their answer, or as long as one may take.
void keep_repeats_away(Database& database,
                       const ClaimWatches::Account& terms,
                       const std::vector<Watch>& claimed,
                       WallTime now) {
    if (terms.repeat_gap <= milliseconds{0}) return;
    for (const Watch& watch : claimed) {
        if (watch.key.kind == WatchKind::process) keep_away(database, watch.id, now + terms.unanswered_wait);
    }
}

AccountId account_of(Database& database, WatchId watch) {
    Rows rows = database.query("SELECT account_id FROM watch WHERE id = ?1", watch);
    if (!rows.next()) throw Error(ErrorKind::permanent, "store_unknown_watch", "no such watch in the store");
    return rows.integer(0);
}

}  // namespace

void WatchSchedule::sync(Database& database,
                         const std::string& account,
                         const std::vector<WatchKey>& standing,
                         WallTime now) {
    const AccountId id = ensure_account(database, account);
    const std::vector<Existing> known = standing_watches(database, id);
    for (const Existing& watch : known) {
        const bool wanted =
            std::any_of(standing.begin(), standing.end(), [&](const auto& key) { return watch.is(key); });
        if (!wanted && !watch.retired_until) retire(database, watch.id);
        if (wanted && watch.retired_until) revive(database, id, watch, now);
    }
    for (const WatchKey& key : standing) {
        if (std::none_of(known.begin(), known.end(), [&](const auto& watch) { return watch.is(key); })) {
            add(database, id, key, now);
        }
    }
}

std::vector<Watch> WatchSchedule::claim(Database& database, const ClaimWatches& claim) {
    std::vector<Watch> claimed;
    for (const ClaimWatches::Account& terms : claim.accounts) {
        const auto account = find_account(database, terms.account);
        if (!account || not_before(database, *account) > claim.now) continue;
        std::vector<Watch> hurried = hurried_.claim(
            database, *account, terms, claim.now, [this](WatchId watch) { return regular_look_ends(watch); });
        keep_repeats_away(database, terms, hurried, claim.now);
        const std::size_t left = std::min(terms.limit - hurried.size(), terms.regular);
        if (claim.now >= first_overdue_) give_up_overdue(database, claim.now);
        if (terms.repeat_gap > milliseconds{0}) move_repeats(database, *account, claim.now, left);
        std::vector<Watch> regular = claim_regular(database, *account, terms, claim.now, left);
        keep_repeats_away(database, terms, regular, claim.now);
        std::move(hurried.begin(), hurried.end(), std::back_inserter(claimed));
        std::move(regular.begin(), regular.end(), std::back_inserter(claimed));
    }
    return claimed;
}

WallTime WatchSchedule::regular_look_ends(WatchId watch) const {
    const auto found = claimed_.find(watch);
    return found == claimed_.end() ? WallTime{} : found->second.until;
}

// Looks that were never settled: the store failed just then.
void WatchSchedule::give_up_overdue(Database& database, WallTime now) {
    first_overdue_ = WallTime::max();
    for (auto& [watch, claimed] : claimed_) {
        DueRow& row = claimed.row;
        if (!stretches_.covers(database, row.account, {row.due_at, watch})) continue;
        if (claimed.until > now) {
            first_overdue_ = std::min(first_overdue_, claimed.until);
            continue;
        }
        const WallTime due_at = stretches_.behind(database, row.account, {claimed.until, watch});
        database.execute(
            "UPDATE due_watch SET due_at = ?4, attempts = attempts + 1"
            " WHERE account_id = ?1 AND due_at = ?2 AND watch_id = ?3",
            row.account,
            row.due_at,
            watch,
            due_at);
        row.due_at = due_at;
        ++row.watch.attempts;
    }
}

std::vector<Watch> WatchSchedule::claim_regular(
    Database& database, AccountId account, const ClaimWatches::Account& terms, WallTime now, std::size_t limit) {
    const WallTime permitted = not_before(database, account);
    const Place end = stretches_.end(database, account);
    std::vector<DueRow> due = due_rows(database, account, end, now, limit);
    std::vector<Watch> claimed;
    if (due.empty()) return claimed;
    claimed.reserve(due.size());
    const Place last{due.back().due_at, due.back().watch.id};
    const WallTime until = now + terms.unanswered_wait;
    for (DueRow& row : due) {
        const WatchId id = row.watch.id;
        if (row.rests) {
            unschedule(database, account, row.due_at, id);
            continue;
        }
        Watch& watch = claimed.emplace_back(row.watch);
        watch.key.account = terms.account;
        watch.due_at = std::max(row.due_at, permitted);
        claimed_.insert_or_assign(id, Claimed{std::move(row), until});
    }
    stretches_.extend(database, account, last, until);
    first_overdue_ = std::min(first_overdue_, until);
    return claimed;
}

void WatchSchedule::settle(Database& database, const SettleWatch& settlement) {
    hurried_.settle(database, settlement);
    if (!settlement.hurried) {
        const auto found = claimed_.find(settlement.watch);
        const bool hinted = found != claimed_.end();
        const bool of_process = hinted && found->second.row.watch.key.kind == WatchKind::process;
        if ((!hinted || !move_row(database, found->second, settlement)) && !of_process) {
            auto row = find_row(database, account_of(database, settlement.watch), settlement.watch);
            if (row) {
                Claimed located{std::move(*row), {}};
                move_row(database, located, settlement);
            } else
                database.execute(
                    "UPDATE watch SET retired_until = ?2 WHERE id = ?1", settlement.watch, settlement.due_at);
        }
    }
    if (settlement.bookmark) note_bookmark(database, settlement.watch, *settlement.bookmark);
    if (settlement.repeat_from) keep_away(database, settlement.watch, *settlement.repeat_from);
    if (settlement.ends) end(database, settlement.watch, settlement.parks ? "parked" : "ended");
    if (settlement.goes_on) wake(database, settlement);
    if (settlement.defer_account) {
        database.execute(
            "UPDATE account SET not_before = MAX(not_before, ?2)"
            " WHERE id = (SELECT account_id FROM watch WHERE id = ?1)",
            settlement.watch,
            settlement.due_at);
    }
    if (!settlement.under_way) claimed_.erase(settlement.watch);
}

// False: it is not there. If its look goes on, its attempt is counted as it leaves the claimed stretch. An UPDATE of
// the key would search for the row four times, this does twice.
bool WatchSchedule::move_row(Database& database, Claimed& claimed, const SettleWatch& settlement) {
    DueRow& row = claimed.row;
    const WallTime due_at = stretches_.behind(database, row.account, {settlement.due_at, settlement.watch});
    const bool leaves_stretch = stretches_.covers(database, row.account, {row.due_at, settlement.watch});
    if (!take_out(database, row.account, row.due_at, settlement.watch)) return false;
    row.due_at = claimed.until = due_at;
    row.watch.memory = settlement.memory;
    row.watch.attempts = settlement.under_way ? row.watch.attempts + (leaves_stretch ? 1 : 0) : 0;
    if (settlement.answered) row.last_success_at = settlement.settled_at;
    put_in(database, row, settlement.settled_at);
    return true;
}

void WatchSchedule::note_seen(Database& database, const StatusUpdate& update) {
    if (update.watch == 0) return;
    database.execute("UPDATE watch SET seen = ?2 WHERE id = ?1 AND kind = 'process'", update.watch, update.fingerprint);
    if (update.ends_watch) end(database, update.watch, "ended");
}

void WatchSchedule::note_committed(Database& database, const CommitUpdate& commit) {
    if (!commit.completed && !commit.repeat_from) return;
    Rows rows = database.query("SELECT watch_id, fingerprint FROM status_update WHERE id = ?1", commit.id);
    if (!rows.next() || rows.integer(0) == 0) return;
    const WatchId watch = rows.integer(0);
    const std::string recorded = rows.text(1);
    if (commit.repeat_from) keep_away_longer(database, watch, *commit.repeat_from);
    if (!commit.completed || commit.completed->fingerprint == recorded) return;
    database.execute("UPDATE watch SET seen = ?3 WHERE id = ?1 AND kind = 'process' AND seen = ?2",
                     watch,
                     recorded,
                     commit.completed->fingerprint);
    if (commit.completed->ends_watch) end(database, watch, "ended");
}

void WatchSchedule::forget_claims() {
    claimed_.clear();
    stretches_.forget();
    hurried_.forget_claims();
}

void WatchSchedule::end(Database& database, WatchId watch, const char* rest) {
    database.execute("UPDATE watch SET rests = ?2 WHERE id = ?1 AND rests = '' AND kind = 'process'", watch, rest);
    HurriedWatches::rest(database, watch, rest);
    const auto found = claimed_.find(watch);
    if (found != claimed_.end()) unschedule(database, found->second.row.account, found->second.row.due_at, watch);
}

// It is young again: how often it is looked at may depend on its age.
void WatchSchedule::wake(Database& database, const SettleWatch& settlement) {
    Rows woken =
        database.query("UPDATE watch SET rests = '', since = ?2 WHERE id = ?1 AND rests = 'ended' RETURNING account_id",
                       settlement.watch,
                       settlement.settled_at);
    if (woken.next()) schedule(database, woken.integer(0), settlement.watch, settlement.due_at);
}

std::optional<WallTime> WatchSchedule::next_due(Database& database, const std::vector<std::string>& accounts) {
    std::optional<WallTime> next;
    const auto consider = [&next](Rows rows) {
        if (rows.next() && (!next || rows.time(0) < *next)) next = rows.time(0);
    };
    for (const std::string& account : accounts) {
        consider(
            database.query("SELECT MAX(a.not_before, d.due_at) FROM account a JOIN due_watch d ON d.account_id = a.id"
                           " WHERE a.name = ?1 AND (d.due_at, d.watch_id) > (a.claimed_due_at, a.claimed_watch)"
                           " ORDER BY d.due_at LIMIT 1",
                           account));
        consider(
            database.query("SELECT MAX(a.not_before, a.claimed_until) FROM account a WHERE a.name = ?1 AND EXISTS"
                           " (SELECT 1 FROM due_watch d WHERE d.account_id = a.id AND d.due_at <= a.claimed_due_at"
                           " AND (d.due_at, d.watch_id) <= (a.claimed_due_at, a.claimed_watch))",
                           account));
        consider(
            database.query("SELECT MAX(a.not_before, h.due_at) FROM account a JOIN hurried_watch h ON h.account_id = "
                           "a.id WHERE a.name = ?1 ORDER BY h.due_at LIMIT 1",
                           account));
    }
    return next;
}

std::size_t WatchSchedule::count(Database& database, const std::string& account) {
    Rows rows = database.query("SELECT watches FROM account WHERE name = ?1", account);
    return rows.next() ? static_cast<std::size_t>(rows.integer(0)) : 0;
}

WatchId WatchSchedule::add(Database& database,
                           AccountId account,
                           const WatchKey& key,
                           WallTime due_at,
                           WallTime since,
                           std::optional<milliseconds> interval) {
    database.execute(
        "INSERT INTO watch (account_id, kind, target, scheduled, since, interval_ms) VALUES (?1, ?2, ?3, 0, ?4, ?5)",
        account,
        name_of(key.kind),
        key.target,
        to_unix_ms(since),
        interval ? std::optional<std::int64_t>(interval->count()) : std::nullopt);
    const WatchId watch = database.last_id();
    schedule(database, account, watch, due_at);
    return watch;
}

void WatchSchedule::schedule(Database& database, AccountId account, WatchId watch, WallTime due_at) {
    if (database.execute("UPDATE watch SET scheduled = 1 WHERE id = ?1 AND scheduled = 0", watch) > 0)
        add_row(database, account, watch, due_at);
}

std::size_t WatchSchedule::unpark(Database& database,
                                  const std::string& account,
                                  const std::string& process_id,
                                  WallTime now) {
    const auto id = find_account(database, account);
    if (!id) return 0;
    std::vector<WatchId> parked;
    {
        Rows rows = database.query(
            "UPDATE watch SET rests = '' WHERE account_id = ?1 AND rests = 'parked' AND (?2 = '' OR target = ?2)"
            " RETURNING id",
            *id,
            process_id);
        while (rows.next())
            parked.push_back(rows.integer(0));
    }
    for (const WatchId watch : parked)
        schedule(database, *id, watch, now);
    return parked.size();
}

void WatchSchedule::hurry(Database& database, const std::vector<WatchKey>& standing, WallTime now) {
    for (const WatchKey& key : standing) {
        Rows rows = database.query(
            "SELECT w.id, w.account_id FROM watch w JOIN account a ON a.id = w.account_id"
            " WHERE a.name = ?1 AND w.kind = ?2 AND w.target = ?3 AND w.retired_until IS NULL AND w.rests = ''",
            key.account,
            name_of(key.kind),
            key.target);
        if (rows.next()) HurriedWatches::hurry(database, rows.integer(1), rows.integer(0), Hurry(), now);
    }
}

void WatchSchedule::retire(Database& database, WatchId watch) {
    HurriedWatches::drop(database, watch);
    const auto row = find_row(database, account_of(database, watch), watch);
    if (!row) return;
    const bool claimed = stretches_.covers(database, row->account, {row->due_at, watch});
    const WallTime permitted = claimed ? stretches_.until(database, row->account) : row->due_at;
    unschedule(database, row->account, row->due_at, watch);
    database.execute("UPDATE watch SET retired_until = ?2 WHERE id = ?1", watch, permitted);
}

}  // namespace signwatch::sqlite
