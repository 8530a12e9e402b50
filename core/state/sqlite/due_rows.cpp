#include "core/state/sqlite/due_rows.hpp"

#include "core/domain/names.hpp"

#define SIGNWATCH_DUE_COLUMNS                                                                               \
    "SELECT d.due_at, d.watch_id, d.kind, d.target, d.seen, d.interval_ms, d.since, d.errors, d.throttles," \
    " d.missing_headers, d.attempts, d.last_success_at, n.bookmark, c.changes FROM due_watch d"             \
    " LEFT JOIN changed_watch c ON c.watch_id = d.watch_id LEFT JOIN watch_note n ON n.watch_id = d.watch_id"

namespace signwatch::sqlite {
namespace {

void read_row(const Rows& rows, DueRow& row) {
    Watch& watch = row.watch;
    row.due_at = watch.due_at = rows.time(0);
    watch.id = rows.integer(1);
    watch.key.kind = from_name<WatchKind>(rows.text(2)).value_or(WatchKind::queue);
    watch.key.target = rows.text(3);
    watch.seen = rows.text(4);
    if (!rows.null(5)) watch.interval = milliseconds{rows.integer(5)};
    watch.since = rows.time(6);
    watch.memory = PollMemory{rows.small(7), rows.small(8), rows.small(9)};
    watch.attempts = rows.small(10);
    row.last_success_at = rows.maybe_time(11);
    if (!rows.null(12)) watch.bookmark = rows.text(12);
    row.changes = rows.integer(13);
}

void read_changes(Database& database, DueRow& row) {
    Watch& watch = row.watch;
    Rows rows = database.query("SELECT seen, interval_ms, since, rests <> '' FROM watch WHERE id = ?1", watch.id);
    if (!rows.next()) return;
    watch.seen = rows.text(0);
    watch.interval = rows.null(1) ? std::nullopt : std::optional(milliseconds{rows.integer(1)});
    watch.since = rows.time(2);
    row.rests = rows.small(3) != 0;
}

}  // namespace

std::vector<DueRow> due_rows(
    Database& database, AccountId account, const Place& behind, WallTime now, std::size_t limit) {
    std::vector<DueRow> found;
    Rows rows = database.query(SIGNWATCH_DUE_COLUMNS
                               " WHERE d.account_id = ?1 AND d.due_at <= ?2 AND (d.due_at, d.watch_id) > (?4, ?5)"
                               " ORDER BY d.due_at, d.watch_id LIMIT ?3",
                               account,
                               now,
                               limit,
                               behind.due_at,
                               behind.watch);
    while (rows.next()) {
        DueRow& row = found.emplace_back();
        row.account = account;
        read_row(rows, row);
        if (row.changes > 0) read_changes(database, row);
    }
    return found;
}

std::optional<DueRow> find_row(Database& database, AccountId account, WatchId watch) {
    Rows rows = database.query(SIGNWATCH_DUE_COLUMNS " WHERE d.account_id = ?1 AND d.watch_id = ?2", account, watch);
    if (!rows.next()) return std::nullopt;
    DueRow row;
    row.account = account;
    read_row(rows, row);
    if (row.changes > 0) read_changes(database, row);
    return row;
}

bool take_out(Database& database, AccountId account, WallTime due_at, WatchId watch) {
    return database.execute("DELETE FROM due_watch WHERE account_id = ?1 AND due_at = ?2 AND watch_id = ?3",
                            account,
                            due_at,
                            watch) > 0;
}

void put_in(Database& database, DueRow& row, WallTime polled_at) {
    const Watch& watch = row.watch;
    database.execute("INSERT INTO due_watch VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
                     row.account,
                     row.due_at,
                     watch.id,
                     watch.memory.errors,
                     watch.memory.throttles,
                     watch.memory.missing_headers,
                     polled_at,
                     row.last_success_at,
                     watch.attempts,
                     name_of(watch.key.kind),
                     watch.key.target,
                     watch.seen,
                     watch.interval ? std::optional<std::int64_t>(watch.interval->count()) : std::nullopt,
                     watch.since);
    // What rests loses its row when that comes due, and is found by this. Whoever has changed the watch meanwhile has
    // counted on.
    if (row.changes == 0 || row.rests) return;
    database.execute("DELETE FROM changed_watch WHERE watch_id = ?1 AND changes = ?2", watch.id, row.changes);
    row.changes = 0;
}

void add_row(Database& database, AccountId account, WatchId watch, WallTime due_at) {
    database.execute(
        "INSERT INTO due_watch (account_id, due_at, watch_id, kind, target, seen, interval_ms, since) SELECT a.id,"
        " IIF((?2, ?3) > (a.claimed_due_at, a.claimed_watch), ?2, a.claimed_due_at + 1), w.id, w.kind, w.target,"
        " w.seen, w.interval_ms, w.since FROM account a, watch w WHERE a.id = ?1 AND w.id = ?3",
        account,
        due_at,
        watch);
    database.execute("INSERT OR IGNORE INTO changed_watch SELECT id, 1 FROM watch WHERE id = ?1 AND rests <> ''",
                     watch);
}

}  // namespace signwatch::sqlite
