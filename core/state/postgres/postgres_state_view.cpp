#include <type_traits>
#include <utility>

#include "core/domain/error.hpp"
#include "core/domain/names.hpp"
#include "core/state/postgres/arrival.hpp"
#include "core/state/postgres/migrations.hpp"
#include "core/state/postgres/postgres_state_store.hpp"
#include "core/state/postgres/record_audit.hpp"
#include "core/state/shared/record_checks.hpp"
#include "core/state/shared/record_lists.hpp"

namespace signwatch::postgres {
namespace {

std::size_t count(Database& database, const char* sql) {
    Rows rows = database.query(sql);
    return rows.next() ? static_cast<std::size_t>(rows.integer(0)) : 0;
}

std::optional<WallTime> time(Database& database, const char* sql) {
    Rows rows = database.query(sql);
    return rows.next() ? rows.maybe_time(0) : std::nullopt;
}

std::vector<WatchRow> list_watches(Database& database, const WatchFilter& filter) {
    std::vector<WatchRow> found;
    Rows rows = database.query(
        "SELECT w.id, a.name, w.kind, w.target, GREATEST(d.due_at, a.not_before), d.errors, d.throttles, "
        "d.missing_headers,"
        " d.last_polled_at, d.last_success_at"
        " FROM due_watch d JOIN watch w ON w.id = d.watch_id JOIN account a ON a.id = d.account_id"
        " WHERE ($1 = '' OR a.name = $1) AND ($2 = '' OR w.target = $2)"
        " ORDER BY d.account_id, d.due_at, d.watch_id LIMIT $3",
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

StoreSummary summarise(Database& database) {
    StoreSummary summary;
    summary.watches = count(database, "SELECT SUM(amount)::bigint FROM tally WHERE what = 'watch'");
    summary.processes = count(database, "SELECT SUM(amount)::bigint FROM tally WHERE what = 'process'");
    summary.documents = count(database, "SELECT SUM(amount)::bigint FROM tally WHERE what = 'document'");
    summary.unacknowledged =
        count(database,
              "SELECT COUNT(*) FROM status_update WHERE next_attempt_at IS NOT NULL AND acknowledgement = 'pending'");
    summary.oldest_unacknowledged =
        time(database,
             "SELECT MIN(delivered_at) FROM status_update WHERE next_attempt_at IS NOT NULL AND acknowledgement = "
             "'pending'");
    summary.parked = count(database, "SELECT COUNT(*) FROM status_update WHERE stage = 'parked'");
    summary.unreadable = count(database, "SELECT COUNT(*) FROM unreadable");
    summary.notifications = count(database, "SELECT COUNT(*) FROM notification WHERE due_at IS NOT NULL");
    summary.oldest_notification =
        time(database, "SELECT received_at FROM notification WHERE due_at IS NOT NULL ORDER BY id LIMIT 1");
    summary.notifications_aside = count(database, "SELECT COUNT(*) FROM notification WHERE set_aside IS NOT NULL");
    summary.outbox_depth = count(database, "SELECT COUNT(*) FROM outbox WHERE published_at IS NULL");
    summary.oldest_unpublished =
        time(database, "SELECT entry_ms FROM outbox WHERE published_at IS NULL ORDER BY entry_ms LIMIT 1");
    summary.schema_version = checked_version(database);
    return summary;
}

class PostgresStateView : public StateView {
public:
    explicit PostgresStateView(Server server) : database_(std::move(server)) {}

    std::vector<WatchRow> watches(const WatchFilter& filter) override {
        return look([&](Database& database) { return list_watches(database, filter); });
    }
    std::vector<ProcessRow> processes(const ProcessFilter& filter) override {
        return look([&](Database& database) { return state::list_processes(database, filter); });
    }
    std::optional<ProcessDetail> process(const std::string& account, const std::string& process_id) override {
        return look([&](Database& database) { return state::find_process(database, account, process_id); });
    }
    std::vector<DocumentRow> documents(const std::string& account,
                                       const std::string& process_id,
                                       std::size_t limit) override {
        return look([&](Database& database) { return state::list_documents(database, account, process_id, limit); });
    }
    std::vector<BudgetRow> budgets() override { return look(state::list_budgets<Database>); }
    std::vector<EventRow> events(EntryId after, std::size_t limit) override {
        return look([&](Database& database) { return state::list_events(database, after, limit); });
    }
    EntryId last_entry() override { return look(state::newest_entry<Database>); }
    StoreSummary summary() override { return look(summarise); }

    std::vector<DocumentClaim> document_claims(const std::string& sha256,
                                               std::int64_t row,
                                               std::size_t limit) override {
        return look([&](Database& database) { return state::document_claims(database, sha256, row, limit); });
    }

    bool claims_document(const std::string& sha256) override {
        return look([&](Database& database) { return state::claims_document(database, sha256); });
    }

    AuditPage<FaultyUpdate> faulty_updates(UpdateId after, std::size_t span, WallTime overdue_before) override {
        return look(
            [&](Database& database) { return postgres::faulty_updates(database, after, span, overdue_before); });
    }

    AuditPage<PlacedWatch> unscheduled_watches(WatchId after, std::size_t span) override {
        return look([&](Database& database) { return postgres::unscheduled_watches(database, after, span); });
    }

    std::vector<PlacedWatch> scheduled_watches(
        const std::string& account, WallTime due_at, WatchId watch, WallTime before, std::size_t limit) override {
        return look([&](Database& database) {
            return postgres::scheduled_watches(database, account, due_at, watch, before, limit);
        });
    }

    AuditPage<LostProcess> lost_processes(std::int64_t after, std::size_t span) override {
        return look([&](Database& database) { return state::lost_processes(database, after, span); });
    }

private:
    // One transaction sees one state. A connection that was closed while it lay idle is made anew, once.
    template <typename Query>
    auto look(Query query) -> std::invoke_result_t<Query&, Database&> {
        for (int attempts = 1;; ++attempts) {
            try {
                database_.begin_reading();
                auto found = query(database_);
                database_.commit();
                return found;
            } catch (const Error& error) {
                database_.roll_back();
                const bool gone = error.code() == "store_unreachable" || error.code() == "store_in_doubt";
                if (gone) database_.disconnect();
                if (!gone || attempts == 2) throw;
            }
        }
    }

    Database database_;
};

}  // namespace

std::unique_ptr<StateView> open_state_view(const Server& server) {
    const state::SchemaState schema = schema_state(server);
    if (schema.version == 0) {
        throw Error(ErrorKind::permanent,
                    "store_missing",
                    "there is no record yet: signwatch has not run with this configuration");
    }
    if (!schema.missing.empty()) {
        throw Error(ErrorKind::permanent,
                    "store_older_schema",
                    "the record has an older schema: signwatch migrate up brings it up to date");
    }
    Database database(server);
    database.begin_reading();
    require_arrived(database);
    return std::make_unique<PostgresStateView>(server);
}

}  // namespace signwatch::postgres
