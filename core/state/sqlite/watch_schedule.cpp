#include "core/state/sqlite/watch_schedule.hpp"

#include <algorithm>
#include <tuple>

#include "core/domain/error.hpp"
#include "core/domain/names.hpp"

namespace signwatch::sqlite {
namespace {

struct Existing {
    WatchId id = 0;
    std::string kind;
    std::string target;
    std::optional<WallTime> retired_until;

    bool is(const WatchKey& key) const { return target == key.target && kind == name_of(key.kind); }
};

struct Candidate {
    AccountId account = 0;
    WallTime row_due_at;
    WallTime unanswered_until;
    Watch watch;
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

void schedule(Database& database, AccountId account, WatchId watch, WallTime due_at) {
    database.execute(
        "INSERT INTO due_watch (account_id, due_at, watch_id) VALUES (?1, ?2, ?3)", account, due_at, watch);
}

void add(Database& database, AccountId account, const WatchKey& key, WallTime now) {
    database.execute(
        "INSERT INTO watch (account_id, kind, target) VALUES (?1, ?2, ?3)", account, name_of(key.kind), key.target);
    schedule(database, account, database.last_id(), now);
}

void revive(Database& database, AccountId account, const Existing& watch, WallTime now) {
    database.execute("UPDATE watch SET retired_until = NULL WHERE id = ?1", watch.id);
    schedule(database, account, watch.id, std::max(now, *watch.retired_until));
}

WallTime not_before(Database& database, AccountId account) {
    Rows rows = database.query("SELECT not_before FROM account WHERE id = ?1", account);
    return rows.next() ? rows.time(0) : WallTime{};
}

std::vector<Candidate> due_of(Database& database,
                              const ClaimWatches::Account& account,
                              WallTime now,
                              std::size_t limit) {
    std::vector<Candidate> due;
    const auto id = find_account(database, account.account);
    if (!id) return due;
    const WallTime permitted = not_before(database, *id);
    if (permitted > now) return due;
    Rows rows = database.query(
        "SELECT d.due_at, d.watch_id, d.errors, d.throttles, d.missing_headers, w.kind, w.target"
        " FROM due_watch d JOIN watch w ON w.id = d.watch_id"
        " WHERE d.account_id = ?1 AND d.due_at <= ?2 ORDER BY d.due_at, d.watch_id LIMIT ?3",
        *id,
        now,
        limit);
    while (rows.next()) {
        const WallTime row_due_at = rows.time(0);
        const WatchKind kind = from_name<WatchKind>(rows.text(5)).value_or(WatchKind::queue);
        due.push_back({*id,
                       row_due_at,
                       now + account.unanswered_wait,
                       Watch{rows.integer(1),
                             WatchKey{account.account, kind, rows.text(6)},
                             std::max(row_due_at, permitted),
                             PollMemory{rows.small(2), rows.small(3), rows.small(4)}}});
    }
    return due;
}

std::int64_t move_row(Database& database, AccountId account, WallTime from, const SettleWatch& settlement) {
    const PollMemory& memory = settlement.memory;
    return database.execute(
        "UPDATE due_watch SET due_at = ?4, errors = ?5, throttles = ?6, missing_headers = ?7, last_polled_at = ?8,"
        " last_success_at = IIF(?9, ?8, last_success_at) WHERE account_id = ?1 AND due_at = ?2 AND watch_id = ?3",
        account,
        from,
        settlement.watch,
        settlement.due_at,
        memory.errors,
        memory.throttles,
        memory.missing_headers,
        settlement.settled_at,
        settlement.answered);
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
    std::vector<Candidate> due;
    for (const ClaimWatches::Account& account : claim.accounts) {
        std::vector<Candidate> more = due_of(database, account, claim.now, claim.limit);
        std::move(more.begin(), more.end(), std::back_inserter(due));
    }
    const auto order = [](const Candidate& each) { return std::tuple(each.watch.due_at, each.watch.id); };
    std::sort(due.begin(), due.end(), [&](const auto& left, const auto& right) { return order(left) < order(right); });
    due.resize(std::min(due.size(), claim.limit));

    std::vector<Watch> claimed;
    claimed.reserve(due.size());
    for (Candidate& each : due) {
        database.execute("UPDATE due_watch SET due_at = ?4 WHERE account_id = ?1 AND due_at = ?2 AND watch_id = ?3",
                         each.account,
                         each.row_due_at,
                         each.watch.id,
                         each.unanswered_until);
        claimed_[each.watch.id] = Row{each.account, each.unanswered_until};
        claimed.push_back(std::move(each.watch));
    }
    return claimed;
}

void WatchSchedule::settle(Database& database, const SettleWatch& settlement) {
    const auto hint = claimed_.extract(settlement.watch);
    AccountId account = hint ? hint.mapped().account : account_of(database, settlement.watch);
    if (!hint || move_row(database, account, hint.mapped().due_at, settlement) == 0) {
        if (const auto row = locate(database, settlement.watch)) {
            move_row(database, account, row->due_at, settlement);
        } else {
            database.execute("UPDATE watch SET retired_until = ?2 WHERE id = ?1", settlement.watch, settlement.due_at);
        }
    }
    if (settlement.defer_account) {
        database.execute(
            "UPDATE account SET not_before = MAX(not_before, ?2) WHERE id = ?1", account, settlement.due_at);
    }
}

std::optional<WallTime> WatchSchedule::next_due(Database& database, const std::vector<std::string>& accounts) {
    std::optional<WallTime> next;
    for (const std::string& account : accounts) {
        Rows rows = database.query(
            "SELECT MAX(a.not_before, d.due_at) FROM account a JOIN due_watch d ON d.account_id = a.id"
            " WHERE a.name = ?1 ORDER BY d.due_at LIMIT 1",
            account);
        if (rows.next() && (!next || rows.time(0) < *next)) next = rows.time(0);
    }
    return next;
}

// Reads the account's whole schedule: only for watches that are retired, or settled by another process than claimed
// them.
std::optional<WatchSchedule::Row> WatchSchedule::locate(Database& database, WatchId watch) {
    const AccountId account = account_of(database, watch);
    Rows rows = database.query("SELECT due_at FROM due_watch WHERE account_id = ?1 AND watch_id = ?2", account, watch);
    if (!rows.next()) return std::nullopt;
    return Row{account, rows.time(0)};
}

void WatchSchedule::retire(Database& database, WatchId watch) {
    const auto row = locate(database, watch);
    if (!row) return;
    database.execute("DELETE FROM due_watch WHERE account_id = ?1 AND due_at = ?2 AND watch_id = ?3",
                     row->account,
                     row->due_at,
                     watch);
    database.execute("UPDATE watch SET retired_until = ?2 WHERE id = ?1", watch, row->due_at);
}

}  // namespace signwatch::sqlite
