#include <algorithm>
#include <array>
#include <utility>

#include "core/domain/error.hpp"
#include "core/domain/names.hpp"
#include "core/state/shared/record_checks.hpp"
#include "core/state/shared/record_lists.hpp"
#include "core/state/sqlite/departure.hpp"
#include "core/state/sqlite/migrations.hpp"
#include "core/state/sqlite/record_audit.hpp"
#include "core/state/sqlite/sqlite_state_store.hpp"

namespace signwatch::sqlite {
namespace {

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
        return state::list_processes(database_, filter);
    }

    std::optional<ProcessDetail> process(const std::string& account, const std::string& process_id) override {
        return state::find_process(database_, account, process_id);
    }

    std::vector<DocumentRow> documents(const std::string& account,
                                       const std::string& process_id,
                                       std::size_t limit) override {
        return state::list_documents(database_, account, process_id, limit);
    }

    std::vector<BudgetRow> budgets() override { return state::list_budgets(database_); }

    std::vector<EventRow> events(EntryId after, std::size_t limit) override {
        return state::list_events(database_, after, limit);
    }

    EntryId last_entry() override { return state::newest_entry(database_); }

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
        return state::document_claims(database_, sha256, row, limit);
    }

    bool claims_document(const std::string& sha256) override { return state::claims_document(database_, sha256); }

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
        return state::lost_processes(database_, after, span);
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
