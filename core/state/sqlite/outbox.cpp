#include "core/state/sqlite/outbox.hpp"

#include <algorithm>
#include <utility>

#include "core/domain/error.hpp"
#include "core/state/shared/record_lists.hpp"

namespace signwatch::sqlite {
namespace {

// Whatever the clock says: above `floor` and above every id given before.
EntryId next_entry(Database& database, EntryId floor, WallTime now) {
    Rows rows = database.query("SELECT given_ms, given_n FROM stream_position");
    const EntryId last = std::max(rows.next() ? state::read_entry(rows, 0) : EntryId{}, floor);
    const std::uint64_t ms = std::max(last.ms, static_cast<std::uint64_t>(std::max<std::int64_t>(to_unix_ms(now), 1)));
    const EntryId next{ms, ms == last.ms ? last.n + 1 : 0};
    database.execute("UPDATE stream_position SET given_ms = ?1, given_n = ?2", next.ms, next.n);
    return next;
}

// The event is the contract, so the history is read from it and cannot tell another story. SQLite reads it: five times
// as fast as building the whole document.
void append_history(Database& database, std::int64_t process, const std::string& event, WallTime now) {
    Rows entry = database.query(
        "SELECT h ->> 'at', h ->> 'action', h ->> 'actor', h ->> 'description'"
        " FROM (SELECT ?1 -> '$.data.historyEntry' AS h WHERE json_valid(?1)) WHERE json_type(h) = 'object'",
        event);
    if (!entry.next()) return;
    database.execute("INSERT INTO history (process_id, at, action, actor, description) VALUES (?1, ?2, ?3, ?4, ?5)",
                     process,
                     parse_iso8601(entry.text(0)).value_or(now),
                     entry.text(1),
                     entry.text(2),
                     entry.text(3));
}

EntryId entry_of(Database& database, std::int64_t row) {
    Rows rows = database.query("SELECT entry_ms, entry_n FROM outbox WHERE event = ?1", row);
    return rows.next() ? state::read_entry(rows, 0) : EntryId{};
}

}  // namespace

void append_event(Database& database,
                  std::int64_t process,
                  UpdateId update,
                  const EventMessage& message,
                  const EventContext& context) {
    database.execute(
        "INSERT INTO event (update_id, event_id, type, partition_key, sequence, json) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        update,
        message.id,
        message.type,
        message.partition_key,
        context.sequence,
        message.json);
    const std::int64_t event = database.last_id();
    const EntryId entry = next_entry(database, {}, context.now);
    database.execute("INSERT INTO outbox (event, entry_ms, entry_n) VALUES (?1, ?2, ?3)", event, entry.ms, entry.n);
    append_history(database, process, message.json, context.now);
}

std::vector<OutboxEvent> claim_outbox(Database& database, std::size_t limit) {
    std::vector<OutboxEvent> events;
    Rows rows = database.query(
        "SELECT o.event, o.entry_ms, o.entry_n, e.event_id, e.type, e.partition_key, e.sequence, e.json"
        " FROM outbox o JOIN event e ON e.id = o.event WHERE o.published_at IS NULL ORDER BY o.entry_ms, o.entry_n "
        "LIMIT ?1",
        limit);
    while (rows.next()) {
        OutboxEvent& each = events.emplace_back();
        each.row = rows.integer(0);
        each.entry = state::read_entry(rows, 1);
        each.message = {
            rows.text(3), rows.text(4), rows.text(5), static_cast<std::uint64_t>(rows.integer(6)), rows.text(7)};
    }
    return events;
}

void mark_published(Database& database, const std::vector<std::int64_t>& rows, WallTime now) {
    EntryId end = published_end(database);
    for (const std::int64_t row : rows) {
        end = std::max(end, entry_of(database, row));
        database.execute("UPDATE outbox SET published_at = ?2 WHERE event = ?1 AND published_at IS NULL", row, now);
    }
    database.execute("UPDATE stream_position SET published_ms = ?1, published_n = ?2", end.ms, end.n);
}

EntryId published_end(Database& database) {
    Rows rows = database.query("SELECT published_ms, published_n FROM stream_position");
    return rows.next() ? state::read_entry(rows, 0) : EntryId{};
}

std::size_t reopen_outbox(Database& database, EntryId end) {
    const std::int64_t reopened = database.execute(
        "UPDATE outbox SET published_at = NULL WHERE (entry_ms, entry_n) > (?1, ?2) AND published_at IS NOT NULL",
        end.ms,
        end.n);
    return static_cast<std::size_t>(reopened);
}

std::size_t reopen_events(Database& database, const std::vector<OutboxEvent>& events) {
    std::int64_t reopened = 0;
    for (const OutboxEvent& event : events) {
        reopened += database.execute(
            "UPDATE outbox SET published_at = NULL"
            " WHERE event = ?1 AND entry_ms = ?2 AND entry_n = ?3 AND published_at IS NOT NULL",
            event.row,
            event.entry.ms,
            event.entry.n);
    }
    return static_cast<std::size_t>(reopened);
}

void reassign_entries(Database& database, const std::vector<std::int64_t>& rows, EntryId floor, WallTime now) {
    std::vector<std::pair<EntryId, std::int64_t>> ordered;
    for (const std::int64_t row : rows)
        ordered.emplace_back(entry_of(database, row), row);
    std::sort(ordered.begin(), ordered.end());
    for (const auto& [old, row] : ordered) {
        const EntryId entry = next_entry(database, floor, now);
        database.execute("UPDATE outbox SET entry_ms = ?2, entry_n = ?3, published_at = NULL WHERE event = ?1",
                         row,
                         entry.ms,
                         entry.n);
    }
}

}  // namespace signwatch::sqlite
