#include <algorithm>
#include <array>
#include <utility>

#include "core/domain/error.hpp"
#include "core/domain/names.hpp"
#include "core/state/sqlite/departure.hpp"
#include "core/state/sqlite/migrations.hpp"
#include "core/state/sqlite/record_audit.hpp"
#include "core/state/sqlite/sqlite_state_store.hpp"
#include "core/state/sqlite/update_rows.hpp"

namespace signwatch::sqlite {
namespace {

ProcessState read_state(const Rows& rows, int column) {
    return from_name<ProcessState>(rows.text(column)).value_or(ProcessState::unknown);
}

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

EntryId read_entry(const Rows& rows, int column) {
    return {static_cast<std::uint64_t>(rows.integer(column)), static_cast<std::uint64_t>(rows.integer(column + 1))};
}

class SqliteStateView : public StateView {
public:
    explicit SqliteStateView(Database database) : database_(std::move(database)) {}

    std::vector<WatchRow> watches(const WatchFilter& filter) override {
        std::vector<WatchRow> found;
        Rows rows = database_.query(
            "SELECT w.id, a.name, w.kind, w.target, MAX(IIF((d.due_at, d.watch_id) >"
            " (a.claimed_due_at, a.claimed_watch), d.due_at, a.claimed_until), a.not_before), d.errors, d.throttles, "
            "d.missing_headers,"
            " d.last_polled_at, d.last_success_at"
            " FROM due_watch d JOIN watch w ON w.id = d.watch_id JOIN account a ON a.id = d.account_id"
            " WHERE (?1 = '' OR a.name = ?1) AND (?2 = '' OR w.target = ?2)"
            " ORDER BY d.account_id, d.due_at, d.watch_id LIMIT ?3",
            filter.account,
            filter.target,
            filter.limit);
        while (rows.next()) {
            const WatchKind kind = from_name<WatchKind>(rows.text(2)).value_or(WatchKind::queue);
            const PollMemory memory{rows.small(5), rows.small(6), rows.small(7)};
            WatchRow& row = found.emplace_back();
            row.watch.id = rows.integer(0);
            row.watch.key = WatchKey{rows.text(1), kind, rows.text(3)};
            row.watch.due_at = rows.time(4);
            row.watch.memory = memory;
            row.last_polled_at = rows.maybe_time(8);
            row.last_success_at = rows.maybe_time(9);
        }
        return found;
    }

    std::vector<ProcessRow> processes(const ProcessFilter& filter) override {
        std::vector<ProcessRow> found;
        Rows rows = database_.query(
            "SELECT p.id, p.provider, a.name, p.process_id, p.correlation_id, p.state, p.sequence, p.first_seen_at,"
            " p.updated_at, (SELECT COUNT(*) FROM document d WHERE d.process_id = p.id), u.stage, u.acknowledgement,"
            " p.registered_at, p.deadline_at, w.interval_ms, p.labels, w.rests FROM process p"
            " JOIN account a ON a.id = p.account_id LEFT JOIN watch w ON w.id = p.watch_id LEFT JOIN status_update u "
            "ON u.id ="
            " (SELECT MAX(id) FROM status_update WHERE process_id = p.id)"
            " WHERE (?1 = '' OR a.name = ?1) AND (?2 IS NULL OR p.state = ?2) AND (?3 IS NULL OR u.stage = ?3)"
            " AND (?4 = '' OR p.correlation_id = ?4) ORDER BY p.id DESC LIMIT ?5 OFFSET ?6",
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

    std::optional<ProcessDetail> process(const std::string& account, const std::string& process_id) override {
        Rows rows = database_.query(
            "SELECT p.id, p.provider, a.name, p.process_id, p.correlation_id, p.state, p.sequence, p.first_seen_at,"
            " p.updated_at, (SELECT COUNT(*) FROM document d WHERE d.process_id = p.id), u.stage, u.acknowledgement,"
            " p.registered_at, p.deadline_at, w.interval_ms, p.labels, w.rests, p.participants FROM process p"
            " JOIN account a ON a.id = p.account_id LEFT JOIN watch w ON w.id = p.watch_id LEFT JOIN status_update u "
            "ON u.id ="
            " (SELECT MAX(id) FROM status_update WHERE process_id = p.id) WHERE a.name = ?1 AND p.process_id = ?2",
            account,
            process_id);
        if (!rows.next()) return std::nullopt;
        const std::int64_t id = rows.integer(0);
        ProcessDetail detail;
        detail.process = read_process(rows);
        detail.participants = decode_participants(rows.text(17));
        detail.updates = updates_of(id);
        detail.documents = documents_of(id);
        detail.history = history_of(id);
        return detail;
    }

    std::vector<DocumentRow> documents(const std::string& account,
                                       const std::string& process_id,
                                       std::size_t limit) override {
        std::vector<DocumentRow> found;
        Rows rows = database_.query(
            "SELECT a.name, p.process_id, d.kind, d.participant, d.sha256, d.size, d.media_type, d.uri, d.verification,"
            " d.stored_at, d.part FROM document d JOIN process p ON p.id = d.process_id JOIN account a ON a.id = "
            "p.account_id"
            " WHERE (?1 = '' OR a.name = ?1) AND (?2 = '' OR p.process_id = ?2) ORDER BY d.id DESC LIMIT ?3",
            account,
            process_id,
            limit);
        while (rows.next())
            found.push_back({rows.text(0), rows.text(1), read_document(rows, 2)});
        return found;
    }

    std::vector<BudgetRow> budgets() override {
        std::vector<BudgetRow> found;
        Rows rows = database_.query("SELECT budget, span, begin_at, calls FROM call_count ORDER BY budget");
        while (rows.next()) {
            if (found.empty() || found.back().budget != rows.text(0)) found.push_back({rows.text(0), {}});
            const CallSpan span = from_name<CallSpan>(rows.text(1)).value_or(CallSpan::minute);
            found.back().calls.push_back({span, rows.time(2), rows.small(3)});
        }
        return found;
    }

    std::vector<EventRow> events(EntryId after, std::size_t limit) override {
        std::vector<EventRow> found;
        Rows rows = database_.query(
            "SELECT o.event, o.entry_ms, o.entry_n, e.event_id, e.type, e.partition_key, e.sequence, e.json,"
            " o.published_at IS NOT NULL, u.acknowledgement FROM outbox o JOIN event e ON e.id = o.event"
            " LEFT JOIN status_update u ON u.id = e.update_id WHERE (o.entry_ms, o.entry_n) > (?1, ?2)"
            " ORDER BY o.entry_ms, o.entry_n LIMIT ?3",
            after.ms,
            after.n,
            limit);
        while (rows.next()) {
            EventRow& row = found.emplace_back();
            row.event.row = rows.integer(0);
            row.event.entry = read_entry(rows, 1);
            row.event.message = {
                rows.text(3), rows.text(4), rows.text(5), static_cast<std::uint64_t>(rows.integer(6)), rows.text(7)};
            row.published = rows.small(8) != 0;
            row.acknowledgement = rows.text(9);
        }
        return found;
    }

    EntryId last_entry() override {
        Rows rows =
            database_.query("SELECT entry_ms, entry_n FROM outbox ORDER BY entry_ms DESC, entry_n DESC LIMIT 1");
        return rows.next() ? read_entry(rows, 0) : EntryId{};
    }

    StoreSummary summary() override {
        StoreSummary summary;
        summary.watches = count("SELECT SUM(watches) FROM account");
        summary.processes = count("SELECT processes FROM row_count");
        summary.documents = count("SELECT documents FROM row_count");
        summary.unacknowledged = count(
            "SELECT COUNT(*) FROM status_update WHERE next_attempt_at IS NOT NULL AND acknowledgement = 'pending'");
        summary.oldest_unacknowledged = time(
            "SELECT MIN(delivered_at) FROM status_update WHERE next_attempt_at IS NOT NULL AND acknowledgement = "
            "'pending'");
        summary.parked = count("SELECT COUNT(*) FROM status_update WHERE stage = 'parked'");
        summary.unreadable = count("SELECT COUNT(*) FROM unreadable");
        summary.outbox_depth = count("SELECT COUNT(*) FROM outbox WHERE published_at IS NULL");
        summary.oldest_unpublished =
            time("SELECT entry_ms FROM outbox WHERE published_at IS NULL ORDER BY entry_ms LIMIT 1");
        summary.notifications = count("SELECT COUNT(*) FROM notification WHERE due_at IS NOT NULL");
        summary.oldest_notification = time(
            "SELECT received_at FROM notification WHERE id ="
            " (SELECT MIN(id) FROM notification INDEXED BY queued_notification WHERE due_at IS NOT NULL)");
        summary.notifications_aside = count("SELECT COUNT(*) FROM notification WHERE set_aside IS NOT NULL");
        summary.schema_version = checked_version(database_);
        return summary;
    }

    std::vector<DocumentClaim> document_claims(const std::string& sha256,
                                               std::int64_t row,
                                               std::size_t limit) override {
        return sqlite::document_claims(database_, sha256, row, limit);
    }

    bool claims_document(const std::string& sha256) override { return sqlite::claims_document(database_, sha256); }

    AuditPage<FaultyUpdate> faulty_updates(UpdateId after, std::size_t span, WallTime overdue_before) override {
        return sqlite::faulty_updates(database_, after, span, overdue_before);
    }

    AuditPage<PlacedWatch> unscheduled_watches(WatchId after, std::size_t span) override {
        return sqlite::unscheduled_watches(database_, after, span);
    }

    std::vector<PlacedWatch> scheduled_watches(
        const std::string& account, WallTime due_at, WatchId watch, WallTime before, std::size_t limit) override {
        return sqlite::scheduled_watches(database_, account, due_at, watch, before, limit);
    }

    AuditPage<LostProcess> lost_processes(std::int64_t after, std::size_t span) override {
        return sqlite::lost_processes(database_, after, span);
    }

private:
    std::size_t count(const char* sql) {
        Rows rows = database_.query(sql);
        return rows.next() ? static_cast<std::size_t>(rows.integer(0)) : 0;
    }

    std::optional<WallTime> time(const char* sql) {
        Rows rows = database_.query(sql);
        return rows.next() ? rows.maybe_time(0) : std::nullopt;
    }

    std::vector<UpdateRow> updates_of(std::int64_t process) {
        std::vector<UpdateRow> found;
        Rows rows = database_.query(
            "SELECT id, state, provider_status, stage, acknowledgement, attempts, last_code, delivered_at"
            " FROM status_update WHERE process_id = ?1 ORDER BY id",
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

    std::vector<StoredDocument> documents_of(std::int64_t process) {
        std::vector<StoredDocument> found;
        Rows rows = database_.query(
            "SELECT kind, participant, sha256, size, media_type, uri, verification, stored_at, part FROM document"
            " WHERE process_id = ?1 ORDER BY id",
            process);
        while (rows.next())
            found.push_back(read_document(rows, 0));
        return found;
    }

    std::vector<HistoryEntry> history_of(std::int64_t process) {
        std::vector<HistoryEntry> found;
        Rows rows = database_.query(
            "SELECT at, action, actor, description FROM history WHERE process_id = ?1 ORDER BY id", process);
        while (rows.next())
            found.push_back({rows.time(0), rows.text(1), rows.text(2), rows.text(3)});
        return found;
    }

    Database database_;
};

}  // namespace

std::unique_ptr<StateView> open_state_view(const std::filesystem::path& file) {
    if (!std::filesystem::exists(file)) {
        throw Error(ErrorKind::permanent,
                    "store_missing",
                    "there is no record yet: signwatch has not run with this configuration");
    }
    Database database(file, Database::Mode::read_only);
    if (checked_version(database) < static_cast<int>(migrations().size())) {
        throw Error(ErrorKind::permanent,
                    "store_older_schema",
                    "the record has an older schema: start the daemon once to bring it up to date");
    }
    require_current(database);
    return std::make_unique<SqliteStateView>(std::move(database));
}

}  // namespace signwatch::sqlite
