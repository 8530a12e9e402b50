#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/domain/names.hpp"
#include "core/ports/state_view.hpp"
#include "core/state/shared/record_json.hpp"

/// What is listed from a record, in words that SQLite and PostgreSQL both understand. `Database` is the store's own
/// connection; each statement is a part of the transaction that it is in. Throws what its query throws.
namespace signwatch::state {

template <typename Rows>
ProcessState read_state(const Rows& rows, int column) {
    return from_name<ProcessState>(rows.text(column)).value_or(ProcessState::unknown);
}

template <typename Rows>
ProcessRow read_process(const Rows& rows) {
    ProcessRow row;
    row.provider = from_name<ProviderKind>(rows.text(1)).value_or(ProviderKind::posten);
    row.account = rows.text(2);
    row.process_id = rows.text(3);
    row.correlation_id = rows.text(4);
    row.state = read_state(rows, 5);
    row.sequence = static_cast<std::uint64_t>(rows.integer(6));
    row.first_seen_at = rows.time(7);
    row.updated_at = rows.time(8);
    row.documents = static_cast<std::size_t>(rows.integer(9));
    row.stage = from_name<Stage>(rows.text(10)).value_or(Stage::received);
    row.acknowledgement = rows.text(11);
    row.registered_at = rows.maybe_time(12);
    row.deadline = rows.maybe_time(13);
    if (!rows.null(14)) row.interval = milliseconds{rows.integer(14)};
    row.labels = decode_labels(rows.text(15));
    row.watched = !rows.null(16) && rows.text(16).empty();
    row.paused = rows.text(16) == "paused";
    row.parked = rows.text(16) == "parked";
    row.removed = rows.text(16) == "removed";
    return row;
}

template <typename Rows>
StoredDocument read_document(const Rows& rows, int column) {
    StoredDocument document;
    document.kind = from_name<DocumentKind>(rows.text(column)).value_or(DocumentKind::pades);
    document.participant = rows.small(column + 1);
    document.digest = {rows.text(column + 2), static_cast<std::uint64_t>(rows.integer(column + 3))};
    document.media_type = rows.text(column + 4);
    document.uri = rows.text(column + 5);
    document.verification = rows.text(column + 6);
    document.stored_at = rows.time(column + 7);
    document.part = rows.small(column + 8);
    return document;
}

template <typename Rows>
EntryId read_entry(const Rows& rows, int column) {
    return {static_cast<std::uint64_t>(rows.integer(column)), static_cast<std::uint64_t>(rows.integer(column + 1))};
}

template <typename Database>
std::vector<UpdateRow> updates_of(Database& database, std::int64_t process) {
    std::vector<UpdateRow> found;
    auto rows = database.query(
        "SELECT id, state, provider_status, stage, acknowledgement, attempts, last_code, delivered_at"
        " FROM status_update WHERE process_id = $1 ORDER BY id",
        process);
    while (rows.next()) {
        found.push_back({rows.integer(0),
                         read_state(rows, 1),
                         rows.text(2),
                         from_name<Stage>(rows.text(3)).value_or(Stage::received),
                         rows.text(4),
                         rows.small(5),
                         rows.text(6),
                         rows.time(7)});
    }
    return found;
}

template <typename Database>
std::vector<StoredDocument> documents_of(Database& database, std::int64_t process) {
    std::vector<StoredDocument> found;
    auto rows = database.query(
        "SELECT kind, participant, sha256, size, media_type, uri, verification, stored_at, part FROM document"
        " WHERE process_id = $1 ORDER BY id",
        process);
    while (rows.next())
        found.push_back(read_document(rows, 0));
    return found;
}

template <typename Database>
std::vector<HistoryEntry> history_of(Database& database, std::int64_t process) {
    std::vector<HistoryEntry> found;
    auto rows =
        database.query("SELECT at, action, actor, description FROM history WHERE process_id = $1 ORDER BY id", process);
    while (rows.next())
        found.push_back({rows.time(0), rows.text(1), rows.text(2), rows.text(3)});
    return found;
}

template <typename Database>
std::vector<ProcessRow> list_processes(Database& database, const ProcessFilter& filter) {
    std::vector<ProcessRow> found;
    auto rows = database.query(
        "SELECT p.id, p.provider, a.name, p.process_id, p.correlation_id, p.state, p.sequence, p.first_seen_at,"
        " p.updated_at, (SELECT COUNT(*) FROM document d WHERE d.process_id = p.id), u.stage, u.acknowledgement,"
        " p.registered_at, p.deadline_at, w.interval_ms, p.labels, w.rests FROM process p"
        " JOIN account a ON a.id = p.account_id LEFT JOIN watch w ON w.id = p.watch_id LEFT JOIN status_update u "
        "ON u.id ="
        " (SELECT MAX(id) FROM status_update WHERE process_id = p.id)"
        " WHERE ($1 = '' OR a.name = $1) AND (CAST($2 AS text) IS NULL OR p.state = $2) AND (CAST($3 AS text) IS NULL "
        "OR u.stage = $3)"
        " AND ($4 = '' OR p.correlation_id = $4) ORDER BY p.id DESC LIMIT $5 OFFSET $6",
        filter.account,
        filter.state ? std::optional(name_of(*filter.state)) : std::nullopt,
        filter.stage ? std::optional(name_of(*filter.stage)) : std::nullopt,
        filter.correlation_id,
        filter.limit,
        filter.offset);
    while (rows.next())
        found.push_back(read_process(rows));
    return found;
}

template <typename Database>
std::optional<ProcessDetail> find_process(Database& database,
                                          const std::string& account,
                                          const std::string& process_id) {
    auto rows = database.query(
        "SELECT p.id, p.provider, a.name, p.process_id, p.correlation_id, p.state, p.sequence, p.first_seen_at,"
        " p.updated_at, (SELECT COUNT(*) FROM document d WHERE d.process_id = p.id), u.stage, u.acknowledgement,"
        " p.registered_at, p.deadline_at, w.interval_ms, p.labels, w.rests, p.participants FROM process p"
        " JOIN account a ON a.id = p.account_id LEFT JOIN watch w ON w.id = p.watch_id LEFT JOIN status_update u "
        "ON u.id ="
        " (SELECT MAX(id) FROM status_update WHERE process_id = p.id) WHERE a.name = $1 AND p.process_id = $2",
        account,
        process_id);
    if (!rows.next()) return std::nullopt;
    const std::int64_t id = rows.integer(0);
    ProcessDetail detail;
    detail.process = read_process(rows);
    detail.participants = decode_participants(rows.text(17));
    detail.updates = updates_of(database, id);
    detail.documents = documents_of(database, id);
    detail.history = history_of(database, id);
    return detail;
}

template <typename Database>
std::vector<DocumentRow> list_documents(Database& database,
                                        const std::string& account,
                                        const std::string& process_id,
                                        std::size_t limit) {
    std::vector<DocumentRow> found;
    auto rows = database.query(
        "SELECT a.name, p.process_id, d.kind, d.participant, d.sha256, d.size, d.media_type, d.uri, d.verification,"
        " d.stored_at, d.part FROM document d JOIN process p ON p.id = d.process_id JOIN account a ON a.id = "
        "p.account_id"
        " WHERE ($1 = '' OR a.name = $1) AND ($2 = '' OR p.process_id = $2) ORDER BY d.id DESC LIMIT $3",
        account,
        process_id,
        limit);
    while (rows.next())
        found.push_back({rows.text(0), rows.text(1), read_document(rows, 2)});
    return found;
}

template <typename Database>
std::vector<BudgetRow> list_budgets(Database& database) {
    std::vector<BudgetRow> found;
    auto rows = database.query("SELECT budget, span, begin_at, calls FROM call_count ORDER BY budget");
    while (rows.next()) {
        if (found.empty() || found.back().budget != rows.text(0)) found.push_back({rows.text(0), {}});
        const CallSpan span = from_name<CallSpan>(rows.text(1)).value_or(CallSpan::minute);
        found.back().calls.push_back({span, rows.time(2), rows.small(3)});
    }
    return found;
}

template <typename Database>
std::vector<EventRow> list_events(Database& database, EntryId after, std::size_t limit) {
    std::vector<EventRow> found;
    auto rows = database.query(
        "SELECT o.event, o.entry_ms, o.entry_n, e.event_id, e.type, e.partition_key, e.sequence, e.json,"
        " o.published_at IS NOT NULL, u.acknowledgement FROM outbox o JOIN event e ON e.id = o.event"
        " LEFT JOIN status_update u ON u.id = e.update_id WHERE (o.entry_ms, o.entry_n) > ($1, $2)"
        " ORDER BY o.entry_ms, o.entry_n LIMIT $3",
        after.ms,
        after.n,
        limit);
    while (rows.next()) {
        EventRow& row = found.emplace_back();
        row.event.row = rows.integer(0);
        row.event.entry = read_entry(rows, 1);
        row.event.message = {
            rows.text(3), rows.text(4), rows.text(5), static_cast<std::uint64_t>(rows.integer(6)), rows.text(7)};
        row.published = rows.truth(8);
        row.acknowledgement = rows.text(9);
    }
    return found;
}

template <typename Database>
EntryId newest_entry(Database& database) {
    auto rows = database.query("SELECT entry_ms, entry_n FROM outbox ORDER BY entry_ms DESC, entry_n DESC LIMIT 1");
    return rows.next() ? read_entry(rows, 0) : EntryId{};
}

/// Published events behind `after` in entry order, without their JSON.
template <typename Database>
std::vector<OutboxEvent> published_after(Database& database, EntryId after, std::size_t limit) {
    std::vector<OutboxEvent> events;
    auto rows = database.query(
        "SELECT o.event, o.entry_ms, o.entry_n, e.partition_key FROM outbox o JOIN event e ON e.id = o.event"
        " WHERE (o.entry_ms, o.entry_n) > ($1, $2) AND o.published_at IS NOT NULL"
        " ORDER BY o.entry_ms, o.entry_n LIMIT $3",
        after.ms,
        after.n,
        limit);
    while (rows.next()) {
        OutboxEvent& each = events.emplace_back();
        each.row = rows.integer(0);
        each.entry = read_entry(rows, 1);
        each.message.partition_key = rows.text(3);
    }
    return events;
}

}  // namespace signwatch::state
