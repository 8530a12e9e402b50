#include "core/state/postgres/outbox.hpp"

#include <algorithm>
#include <optional>

#include <nlohmann/json.hpp>

#include "core/state/postgres/accounts.hpp"
#include "core/state/shared/record_lists.hpp"

namespace signwatch::postgres {
namespace {

// Whatever the clock says: above `last`.
EntryId entry_after(EntryId last, WallTime now) {
    const std::uint64_t ms = std::max(last.ms, static_cast<std::uint64_t>(std::max<std::int64_t>(to_unix_ms(now), 1)));
    return {ms, ms == last.ms ? last.n + 1 : 0};
}

// Nobody else is given one until this transaction has ended.
EntryId lock_last_given(Database& database) {
    Rows rows = database.query("SELECT given_ms, given_n FROM stream_position FOR NO KEY UPDATE");
    return rows.next() ? state::read_entry(rows, 0) : EntryId{};
}

void set_last_given(Database& database, EntryId last) {
    database.execute("UPDATE stream_position SET given_ms = $1, given_n = $2", last.ms, last.n);
}

struct Entries {
    std::vector<std::int64_t> rows;
    std::vector<std::int64_t> ms;
    std::vector<std::int64_t> n;

    void add(std::int64_t row, EntryId entry) {
        rows.push_back(row);
        ms.push_back(static_cast<std::int64_t>(entry.ms));
        n.push_back(static_cast<std::int64_t>(entry.n));
    }
};

// One relay at a time: what another one does to the outbox would be undone or repeated.
void require_relay(Database& database) {
    Rows rows = database.query(
        "SELECT " SIGNWATCH_HELD_BY_ANOTHER("o.holder", "$1::bigint") " FROM office o WHERE o.name = 'relay' FOR SHARE",
        database.holder());
    if (rows.next() && rows.truth(0)) throw_taken_over();
}

struct HistoryEntry {
    WallTime at;
    std::string action;
    std::string actor;
    std::string description;
};

// The event is the contract, so the history is read from it and cannot tell another story.
std::optional<HistoryEntry> read_history(const std::string& event, WallTime now) {
    const nlohmann::json whole = nlohmann::json::parse(event, nullptr, false);
    const nlohmann::json::json_pointer place("/data/historyEntry");
    if (!whole.is_object() || !whole.contains(place) || !whole.at(place).is_object()) return std::nullopt;
    const nlohmann::json& entry = whole.at(place);
    return HistoryEntry{parse_iso8601(entry.value("at", "")).value_or(now),
                        entry.value("action", ""),
                        entry.value("actor", ""),
                        entry.value("description", "")};
}

}  // namespace

void append_event(Database& database,
                  std::int64_t process,
                  UpdateId update,
                  const EventMessage& message,
                  const EventContext& context) {
    Rows rows = database.query(
        "INSERT INTO event (update_id, event_id, type, partition_key, sequence, json) VALUES ($1, $2, $3, $4, $5, $6)"
        " RETURNING id",
        update,
        message.id,
        message.type,
        message.partition_key,
        context.sequence,
        message.json);
    rows.next();
    database.gathered().events.push_back({rows.integer(0), context.now});
    const std::optional<HistoryEntry> history = read_history(message.json, context.now);
    if (!history) return;
    database.execute("INSERT INTO history (process_id, at, action, actor, description) VALUES ($1, $2, $3, $4, $5)",
                     process,
                     history->at,
                     history->action,
                     history->actor,
                     history->description);
}

void give_entries(Database& database) {
    const std::vector<NewEvent>& events = database.gathered().events;
    if (events.empty()) return;
    EntryId last = lock_last_given(database);
    Entries entries;
    for (const NewEvent& each : events) {
        last = entry_after(last, each.now);
        entries.add(each.row, last);
    }
    set_last_given(database, last);
    database.execute(
        "INSERT INTO outbox (event, entry_ms, entry_n)"
        " SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])",
        entries.rows,
        entries.ms,
        entries.n);
}

std::vector<OutboxEvent> claim_outbox(Database& database, std::size_t limit) {
    std::vector<OutboxEvent> events;
    Rows rows = database.query(
        "SELECT o.event, o.entry_ms, o.entry_n, e.event_id, e.type, e.partition_key, e.sequence, e.json"
        " FROM outbox o JOIN event e ON e.id = o.event WHERE o.published_at IS NULL ORDER BY o.entry_ms, o.entry_n "
        "LIMIT $1",
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
    require_relay(database);
    database.execute(
        "UPDATE outbox SET published_at = $2 WHERE event = ANY($1::bigint[]) AND published_at IS NULL", rows, now);
    database.execute(
        "UPDATE stream_position p SET published_ms = e.entry_ms, published_n = e.entry_n FROM"
        " (SELECT entry_ms, entry_n FROM outbox WHERE event = ANY($1::bigint[])"
        " ORDER BY entry_ms DESC, entry_n DESC LIMIT 1) e"
        " WHERE (p.published_ms, p.published_n) < (e.entry_ms, e.entry_n)",
        rows);
}

EntryId published_end(Database& database) {
    Rows rows = database.query("SELECT published_ms, published_n FROM stream_position");
    return rows.next() ? state::read_entry(rows, 0) : EntryId{};
}

std::size_t reopen_outbox(Database& database, EntryId end) {
    require_relay(database);
    const std::int64_t reopened = database.execute(
        "UPDATE outbox SET published_at = NULL WHERE (entry_ms, entry_n) > ($1, $2) AND published_at IS NOT NULL",
        end.ms,
        end.n);
    return static_cast<std::size_t>(reopened);
}

std::size_t reopen_events(Database& database, const std::vector<OutboxEvent>& events) {
    Entries entries;
    for (const OutboxEvent& event : events)
        entries.add(event.row, event.entry);
    const std::int64_t reopened = database.execute(
        "UPDATE outbox o SET published_at = NULL FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS t(event, ms, "
        "n)"
        " WHERE o.event = t.event AND o.entry_ms = t.ms AND o.entry_n = t.n AND o.published_at IS NOT NULL",
        entries.rows,
        entries.ms,
        entries.n);
    return static_cast<std::size_t>(reopened);
}

void reassign_entries(Database& database, const std::vector<std::int64_t>& rows, EntryId floor, WallTime now) {
    require_relay(database);
    EntryId last = std::max(lock_last_given(database), floor);
    Entries entries;
    Rows ordered =
        database.query("SELECT event FROM outbox WHERE event = ANY($1::bigint[]) ORDER BY entry_ms, entry_n", rows);
    while (ordered.next()) {
        last = entry_after(last, now);
        entries.add(ordered.integer(0), last);
    }
    set_last_given(database, last);
    database.execute(
        "UPDATE outbox o SET entry_ms = t.ms, entry_n = t.n, published_at = NULL"
        " FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS t(event, ms, n) WHERE o.event = t.event",
        entries.rows,
        entries.ms,
        entries.n);
}

}  // namespace signwatch::postgres
