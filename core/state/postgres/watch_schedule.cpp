#include "core/state/postgres/watch_schedule.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "core/domain/error.hpp"
#include "core/domain/names.hpp"
#include "core/state/postgres/hurried_watches.hpp"
#include "core/state/postgres/repeat_gaps.hpp"

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
    database.count("watch", account, 1);
}

void unschedule(Database& database, WatchId watch) {
    database.execute("DELETE FROM due_watch WHERE watch_id = $1", watch);
}

void retire(Database& database, WatchId watch) {
    drop_hurried(database, watch);
    Rows rows = database.query("DELETE FROM due_watch WHERE watch_id = $1 RETURNING account_id, due_at", watch);
    if (!rows.next()) return;
    database.count("watch", rows.integer(0), -1);
    database.execute("UPDATE watch SET retired_until = $2 WHERE id = $1", watch, rows.time(1));
}

void end_watch(Database& database, WatchId watch, const char* rest) {
    Rows rows = database.query(
        "UPDATE watch SET rests = $2 WHERE id = $1 AND rests = '' AND kind = 'process' RETURNING account_id",
        watch,
        rest);
    rest_hurried(database, watch, rest);
    if (!rows.next()) return;
    database.count("watch", rows.integer(0), -1);
    unschedule(database, watch);
}

// It is young again: how often it is looked at may depend on its age.
void wake_watch(Database& database, const SettleWatch& settlement) {
    Rows rows =
        database.query("UPDATE watch SET rests = '', since = $2 WHERE id = $1 AND rests = 'ended' RETURNING account_id",
                       settlement.watch,
                       settlement.settled_at);
    if (!rows.next()) return;
    const AccountId account = rows.integer(0);
    database.count("watch", account, 1);
    schedule_watch(database, account, settlement.watch, settlement.due_at);
}

void note_bookmark(Database& database, WatchId watch, const std::string& bookmark) {
    database.execute(
        "INSERT INTO watch_note (watch_id, bookmark) VALUES ($1, $2)"
        " ON CONFLICT (watch_id) DO UPDATE SET bookmark = excluded.bookmark",
        watch,
        Blob{bookmark});
}

// What is still free of each account's places after the hurried ones.
void leave_to_regular(ClaimTerms& terms, const ClaimWatches& claim, const std::vector<Claimed>& hurried) {
    for (const Claimed& each : hurried)
        --terms.most[static_cast<std::size_t>(each.turn - 1)];
    for (std::size_t i = 0; i < terms.most.size(); ++i)
        terms.most[i] = std::min(terms.most[i], static_cast<std::int64_t>(claim.accounts[i].regular));
}

std::vector<std::string> accounts_with_gap(const ClaimWatches& claim) {
    std::vector<std::string> names;
    for (const ClaimWatches::Account& each : claim.accounts)
        if (each.repeat_gap > milliseconds{0}) names.push_back(each.account);
    return names;
}

std::vector<Claimed> claim_regular(Database& database, const ClaimTerms& terms) {
    std::vector<Claimed> claimed;
    Rows rows = database.query(
        "WITH terms AS (SELECT a.id, t.until, t.most, t.turn FROM"
        " unnest($1::text[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS t(name, until, most, turn)"
        " JOIN account a ON a.name = t.name WHERE a.not_before <= $4),"
        " due AS (SELECT t.turn, t.until, x.* FROM terms t CROSS JOIN LATERAL (SELECT d.watch_id, d.due_at FROM"
        " due_watch d WHERE d.account_id = t.id AND d.due_at <= $4 AND NOT EXISTS (SELECT 1 FROM status_update u"
        " WHERE u.watch_id = d.watch_id AND u.next_attempt_at IS NOT NULL AND " SIGNWATCH_HELD_BY_ANOTHER(
            "u.holder", "$5::bigint") ")"
        " ORDER BY d.due_at, d.watch_id LIMIT t.most FOR UPDATE OF d SKIP LOCKED) x LIMIT " SIGNWATCH_CLAIMED_AT_ONCE ")"
        " UPDATE due_watch d SET due_at = due.until, attempts = attempts + 1, holder = $5::bigint"
        " FROM due JOIN watch w ON w.id = due.watch_id JOIN account a ON a.id = w.account_id"
        " LEFT JOIN watch_note n ON n.watch_id = due.watch_id WHERE d.watch_id = due.watch_id"
        " RETURNING due.turn, due.due_at, d.watch_id, a.name, w.kind, w.target, w.seen, w.interval_ms, w.since,"
        " n.bookmark, w.rests <> '', d.errors, d.throttles, d.missing_headers, d.attempts - 1, a.not_before",
        terms.names,
        terms.until,
        terms.most,
        terms.now,
        database.holder());
    while (rows.next()) {
        Claimed& each = claimed.emplace_back(read_claimed(rows));
        each.rests = rows.truth(10);
        each.watch.memory = PollMemory{rows.small(11), rows.small(12), rows.small(13)};
        each.watch.attempts = rows.small(14);
        each.watch.due_at = std::max(each.due_at, rows.time(15));
    }
    return claimed;
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

void sync_watches(Database& database, const std::string& account, const std::vector<WatchKey>& standing, WallTime now) {
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
    ClaimTerms terms(claim);
    const std::vector<std::string> with_gap = accounts_with_gap(claim);
    claim_alone(database, with_gap);
    std::vector<Claimed> claimed = claim_hurried(database, terms);
    keep_repeats_away(database, claim, claimed);
    leave_to_regular(terms, claim, claimed);
    move_repeats(database, with_gap, claim.now);
    std::vector<Claimed> regular = claim_regular(database, terms);
    keep_repeats_away(database, claim, regular);
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
    settle_hurried(database, settlement);
    if (!settlement.hurried) settle_regular(database, settlement);
    if (settlement.bookmark) note_bookmark(database, settlement.watch, *settlement.bookmark);
    if (settlement.repeat_from) keep_away(database, settlement.watch, *settlement.repeat_from);
    if (settlement.ends) end_watch(database, settlement.watch, settlement.parks ? "parked" : "ended");
    if (settlement.goes_on) wake_watch(database, settlement);
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

void note_committed(Database& database, const CommitUpdate& commit) {
    if (!commit.completed && !commit.repeat_from) return;
    Rows rows = database.query("SELECT watch_id, fingerprint FROM status_update WHERE id = $1", commit.id);
    if (!rows.next() || rows.integer(0) == 0) return;
    const WatchId watch = rows.integer(0);
    const std::string recorded = rows.text(1);
    if (commit.repeat_from) keep_away_longer(database, watch, *commit.repeat_from);
    if (!commit.completed || commit.completed->fingerprint == recorded) return;
    database.execute("UPDATE watch SET seen = $3 WHERE id = $1 AND kind = 'process' AND seen = $2",
                     watch,
                     recorded,
                     commit.completed->fingerprint);
    if (commit.completed->ends_watch) end_watch(database, watch, "ended");
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
    database.count("watch", account, 1);
    return watch;
}

void schedule_watch(Database& database, AccountId account, WatchId watch, WallTime due_at) {
    database.execute("INSERT INTO due_watch (account_id, due_at, watch_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                     account,
                     due_at,
                     watch);
}

void rest_watch(Database& database, WatchId watch, const std::string& word) {
    Rows rows = database.query(
        "WITH old AS (SELECT id, rests FROM watch WHERE id = $1 FOR NO KEY UPDATE)"
        " UPDATE watch w SET rests = $2 FROM old WHERE w.id = old.id RETURNING w.account_id, old.rests = ''",
        watch,
        word);
    if (!rows.next()) return;
    const int before = rows.truth(1) ? 1 : 0;
    database.count("watch", rows.integer(0), (word.empty() ? 1 : 0) - before);
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
    database.count("watch", *id, static_cast<int>(unparked));
    return unparked;
}

void hurry_standing(Database& database, const std::vector<WatchKey>& standing, WallTime now) {
    for (const WatchKey& key : standing) {
        Rows rows = database.query(
            "SELECT w.id, w.account_id FROM watch w JOIN account a ON a.id = w.account_id"
            " WHERE a.name = $1 AND w.kind = $2 AND w.target = $3 AND w.retired_until IS NULL AND w.rests = ''",
            key.account,
            name_of(key.kind),
            key.target);
        if (rows.next()) hurry_watch(database, rows.integer(1), rows.integer(0), Hurry(), now);
    }
}

}  // namespace signwatch::postgres
