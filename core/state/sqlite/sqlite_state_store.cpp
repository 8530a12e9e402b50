#include "core/state/sqlite/sqlite_state_store.hpp"

#include <utility>

#include "core/domain/error.hpp"
#include "core/state/shared/record_lists.hpp"
#include "core/state/sqlite/call_counts.hpp"
#include "core/state/sqlite/departure.hpp"
#include "core/state/sqlite/group_commit.hpp"
#include "core/state/sqlite/housekeeping.hpp"
#include "core/state/sqlite/migrations.hpp"
#include "core/state/sqlite/notifications.hpp"
#include "core/state/sqlite/old_processes.hpp"
#include "core/state/sqlite/outbox.hpp"
#include "core/state/sqlite/process_deadlines.hpp"
#include "core/state/sqlite/process_registry.hpp"
#include "core/state/sqlite/record_repair.hpp"
#include "core/state/sqlite/recovery.hpp"
#include "core/state/sqlite/update_commit.hpp"
#include "core/state/sqlite/update_journal.hpp"
#include "core/state/sqlite/watch_schedule.hpp"

namespace signwatch::sqlite {
namespace {

using Accounts = std::vector<std::string>;
using Rowids = std::vector<std::int64_t>;

class SqliteStateStore : public StateStore {
public:
    SqliteStateStore(Database database, Progress& progress)
        : commits_(std::move(database), progress, require_staying, [this] {
              counted_.clear();
              watches_.forget_claims();
          }) {}

    Task<void> sync_watches(std::string account, std::vector<WatchKey> standing, WallTime now) override {
        return commits_.submit(Access::write,
                               [this, account = std::move(account), standing = std::move(standing), now](
                                   Database& database) { watches_.sync(database, account, standing, now); });
    }

    Task<std::vector<Watch>> claim_due_watches(ClaimWatches claim) override {
        return commits_.submit(Access::write, [this, claim = std::move(claim)](Database& database) {
            return watches_.claim(database, claim);
        });
    }

    Task<void> settle_watch(SettleWatch settlement) override {
        return commits_.submit(Access::write,
                               [this, settlement](Database& database) { watches_.settle(database, settlement); });
    }

    Task<void> hurry_watches(std::vector<WatchKey> standing, WallTime now) override {
        return commits_.submit(Access::write, [standing = std::move(standing), now](Database& database) {
            WatchSchedule::hurry(database, standing, now);
        });
    }

    Task<std::optional<WallTime>> next_due(Accounts accounts) override {
        return commits_.submit(Access::read, [accounts = std::move(accounts)](Database& database) {
            return WatchSchedule::next_due(database, accounts);
        });
    }

    Task<std::size_t> count_watches(std::string account) override {
        return commits_.submit(Access::read, [account = std::move(account)](Database& database) {
            return WatchSchedule::count(database, account);
        });
    }

    Task<std::vector<RegisterResult>> register_processes(std::vector<Registration> registrations,
                                                         FirstLooks looks,
                                                         WallTime now) override {
        return commits_.submit(
            Access::write,
            [registrations = std::move(registrations), looks = std::move(looks), now](Database& database) {
                return sqlite::register_processes(database, registrations, looks, now);
            });
    }

    Task<OrderOutcome> order_process(std::string account,
                                     std::string process_id,
                                     ProcessOrder order,
                                     WallTime schedule_now) override {
        return commits_.submit(Access::write,
                               [account = std::move(account), process_id = std::move(process_id), order, schedule_now](
                                   Database& database) {
                                   return sqlite::order_process(database, account, process_id, order, schedule_now);
                               });
    }

    Task<std::vector<PassedDeadline>> passed_deadlines(Accounts accounts, WallTime now, std::size_t limit) override {
        return commits_.submit(Access::read, [accounts = std::move(accounts), now, limit](Database& database) {
            return sqlite::passed_deadlines(database, accounts, now, limit);
        });
    }

    Task<void> end_deadline(std::int64_t row) override {
        return commits_.submit(Access::write, [row](Database& database) { sqlite::end_deadline(database, row); });
    }

    Task<std::optional<WallTime>> next_deadline(Accounts accounts) override {
        return commits_.submit(Access::read, [accounts = std::move(accounts)](Database& database) {
            return sqlite::next_deadline(database, accounts);
        });
    }

    Task<std::vector<CallCount>> call_counts(std::string budget) override {
        return commits_.submit(Access::read, [budget = std::move(budget)](Database& database) {
            return sqlite::call_counts(database, budget);
        });
    }

    Task<void> count_calls(std::string budget, std::vector<CallCount> calls, WallTime now) override {
        return commits_.submit(Access::write,
                               [budget = std::move(budget), calls = std::move(calls), now](Database& database) {
                                   sqlite::count_calls(database, budget, calls, now);
                               });
    }

    Task<bool> queue_notification(Notification notification) override {
        return commits_.submit(Access::write, [notification = std::move(notification)](Database& database) {
            return sqlite::queue_notification(database, notification);
        });
    }

    Task<std::vector<QueuedNotification>> take_notifications(TakeNotifications take) override {
        return commits_.submit(Access::write, [take = std::move(take)](Database& database) {
            return sqlite::take_notifications(database, take);
        });
    }

    Task<HintCounts> hint_processes(HintProcesses request) override {
        return commits_.submit(Access::write, [request = std::move(request)](Database& database) {
            for (const NotificationId id : request.finished)
                finish_notification(database, id);
            return sqlite::hint_processes(database, request);
        });
    }

    Task<void> set_notification_aside(NotificationId id, std::string code) override {
        return commits_.submit(Access::write, [id, code = std::move(code)](Database& database) {
            sqlite::set_notification_aside(database, id, code);
        });
    }

    Task<std::size_t> prune_notifications(Accounts accounts, WallTime before) override {
        return pruning_.notifications(std::move(accounts), before);
    }

    Task<RecordResult> record_update(StatusUpdate update, WallTime delivered_at) override {
        return commits_.submit(Access::write, [this, update = std::move(update), delivered_at](Database& database) {
            return sqlite::record_update(database, watches_, update, delivered_at);
        });
    }

    Task<void> record_unreadable(std::string account, UnreadableAnswer answer, WallTime now) override {
        return commits_.submit(Access::write,
                               [account = std::move(account), answer = std::move(answer), now](Database& database) {
                                   sqlite::record_unreadable(database, account, answer, now);
                               });
    }

    Task<bool> commit_update(CommitUpdate commit) override {
        return commits_.submit(Access::update_commit, [this, commit = std::move(commit)](Database& database) {
            const bool committed = sqlite::commit_update(database, commit, counted_);
            if (committed) watches_.note_committed(database, commit);
            return committed;
        });
    }

    Task<AcknowledgeTicket> begin_acknowledge(BeginAcknowledge request) override {
        return commits_.submit(Access::write, [this, request](Database& database) {
            return sqlite::begin_acknowledge(database, request, counted_);
        });
    }

    Task<void> end_acknowledge(UpdateId id, AcknowledgeResult result, WallTime /*now*/) override {
        return commits_.submit(Access::write,
                               [id, result](Database& database) { sqlite::end_acknowledge(database, id, result); });
    }

    Task<void> defer_update(DeferUpdate deferral) override {
        return commits_.submit(Access::write, [deferral = std::move(deferral)](Database& database) {
            sqlite::defer_update(database, deferral);
        });
    }

    Task<void> park_update(ParkUpdate park) override {
        return commits_.submit(Access::write,
                               [park = std::move(park)](Database& database) { sqlite::park_update(database, park); });
    }

    Task<std::size_t> resume_unfinished(Accounts accounts, WallTime now, milliseconds repeat_gap) override {
        return commits_.submit(Access::write, [accounts = std::move(accounts), now, repeat_gap](Database& database) {
            return sqlite::resume_unfinished(database, accounts, now, repeat_gap);
        });
    }

    Task<std::vector<PendingUpdate>> claim_unfinished(Accounts accounts,
                                                      WallTime now,
                                                      WallTime lease_until,
                                                      std::size_t limit) override {
        return commits_.submit(Access::write,
                               [accounts = std::move(accounts), now, lease_until, limit](Database& database) {
                                   return sqlite::claim_unfinished(database, accounts, now, lease_until, limit);
                               });
    }

    Task<std::optional<WallTime>> next_unfinished(Accounts accounts) override {
        return commits_.submit(Access::read, [accounts = std::move(accounts)](Database& database) {
            return sqlite::next_unfinished(database, accounts);
        });
    }

    Task<std::size_t> retry_parked(std::string account, std::string process_id, WallTime now) override {
        return commits_.submit(
            Access::write, [account = std::move(account), process_id = std::move(process_id), now](Database& database) {
                return sqlite::retry_parked(database, account, process_id, now);
            });
    }

    Task<std::vector<OutboxEvent>> claim_outbox(std::size_t limit) override {
        return commits_.submit(Access::read,
                               [limit](Database& database) { return sqlite::claim_outbox(database, limit); });
    }

    Task<void> mark_published(Rowids rows, WallTime now) override {
        return commits_.submit(Access::write, [rows = std::move(rows), now](Database& database) {
            sqlite::mark_published(database, rows, now);
        });
    }

    Task<EntryId> published_end() override {
        return commits_.submit(Access::read, [](Database& database) { return sqlite::published_end(database); });
    }

    Task<std::vector<OutboxEvent>> published_after(EntryId after, std::size_t limit) override {
        return commits_.submit(Access::read, [after, limit](Database& database) {
            return state::published_after(database, after, limit);
        });
    }

    Task<std::size_t> reopen_outbox(EntryId end) override {
        return commits_.submit(Access::write,
                               [end](Database& database) { return sqlite::reopen_outbox(database, end); });
    }

    Task<void> reassign_entries(Rowids rows, EntryId floor, WallTime now) override {
        return commits_.submit(Access::write, [rows = std::move(rows), floor, now](Database& database) {
            sqlite::reassign_entries(database, rows, floor, now);
        });
    }

    Task<bool> fetch_again(UpdateId id, bool whole, WallTime now) override {
        return commits_.submit(Access::write, [id, whole, now](Database& database) {
            return sqlite::fetch_again(database, id, whole, now);
        });
    }

    Task<bool> resume_update(UpdateId id, WallTime now) override {
        return commits_.submit(Access::write,
                               [id, now](Database& database) { return sqlite::resume_update(database, id, now); });
    }

    Task<std::size_t> reschedule_watches(std::vector<WatchId> watches, WallTime due_at) override {
        return commits_.submit(Access::write, [watches = std::move(watches), due_at](Database& database) {
            return sqlite::reschedule_watches(database, watches, due_at);
        });
    }

    Task<bool> move_watch(WatchId watch, WallTime stands_at, WallTime due_at) override {
        return commits_.submit(Access::write, [watch, stands_at, due_at](Database& database) {
            return sqlite::move_watch(database, watch, stands_at, due_at);
        });
    }

    Task<bool> follow_again(std::string account, std::string process_id, WallTime due_at) override {
        return commits_.submit(
            Access::write,
            [account = std::move(account), process_id = std::move(process_id), due_at](Database& database) {
                return sqlite::follow_again(database, account, process_id, due_at);
            });
    }

    Task<std::size_t> reopen_events(std::vector<OutboxEvent> events) override {
        return commits_.submit(Access::write, [events = std::move(events)](Database& database) {
            return sqlite::reopen_events(database, events);
        });
    }

    Task<std::size_t> prune(WallTime before) override { return pruning_.events(before); }

    Task<PrunedProcesses> prune_processes(PruneProcesses request) override {
        return pruning_.processes(std::move(request));
    }

    Task<std::vector<std::string>> unowned_documents(WallTime before, std::size_t limit) override {
        return commits_.submit(Access::read, [before, limit](Database& database) {
            return sqlite::unowned_documents(database, before, limit);
        });
    }

    Task<void> forget_documents(std::vector<std::string> sha256) override {
        return commits_.submit(Access::write, [sha256 = std::move(sha256)](Database& database) {
            sqlite::forget_documents(database, sha256);
        });
    }

    Task<std::string> remember(std::string name, std::string value_if_absent) override {
        return commits_.submit(Access::write,
                               [name = std::move(name), value = std::move(value_if_absent)](Database& database) {
                                   return sqlite::remember(database, name, value);
                               });
    }

    Task<void> replace(std::string name, std::string value) override {
        return commits_.submit(Access::write, [name = std::move(name), value = std::move(value)](Database& database) {
            sqlite::replace(database, name, value);
        });
    }

    Task<void> probe() override {
        return commits_.submit(Access::write, [](Database& database) { sqlite::probe(database); });
    }

private:
    WatchSchedule watches_;            // used on the thread of commits_ only, and outlives it
    CountedAcknowledgements counted_;  // the same
    GroupCommit commits_;
    state::Pruning<GroupCommit> pruning_{commits_};
};

void set_journal(Database& database) {
    Rows rows = database.query("PRAGMA journal_mode = WAL");
    if (!rows.next() || rows.text(0) != "wal") {
        throw Error(ErrorKind::transient, "store_open", "the database cannot use a write-ahead log here");
    }
    database.script("PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864;");
    // The log stays when the daemon stops, empty: a start that finds it need not sync the directory before its first
    // claim.
    int stays = 1;
    sqlite3_file_control(database.handle(), "main", SQLITE_FCNTL_PERSIST_WAL, &stays);
}

}  // namespace

state::SchemaState schema_state(const std::filesystem::path& file) {
    state::SchemaState state;
    std::error_code ignored;
    if (std::filesystem::exists(file, ignored)) {
        Database database(file, Database::Mode::read_only);
        state.version = checked_version(database);
    }
    for (const Migration& migration : migrations())
        if (migration.version > state.version) state.missing.emplace_back(migration.name);
    return state;
}

void migrate_schema(const std::filesystem::path& file) {
    Database database(file, Database::Mode::read_write);
    set_journal(database);
    migrate(database);
}

std::unique_ptr<StateStore> open_state_store(const std::filesystem::path& file, Progress& progress) {
    try {
        Database database(file, Database::Mode::read_write);
        set_journal(database);
        require_never_left(database);
        migrate(database);
        return std::make_unique<SqliteStateStore>(std::move(database), progress);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::transient) throw;
        throw Error(ErrorKind::transient, "store_open", error.what());
    }
}

}  // namespace signwatch::sqlite
