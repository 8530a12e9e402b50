#include "core/state/postgres/postgres_state_store.hpp"

#include <type_traits>
#include <utility>

#include "core/state/postgres/arrival.hpp"
#include "core/state/postgres/call_counts.hpp"
#include "core/state/postgres/group_commit.hpp"
#include "core/state/postgres/housekeeping.hpp"
#include "core/state/postgres/migrations.hpp"
#include "core/state/postgres/notifications.hpp"
#include "core/state/postgres/old_processes.hpp"
#include "core/state/postgres/outbox.hpp"
#include "core/state/postgres/process_deadlines.hpp"
#include "core/state/postgres/process_registry.hpp"
#include "core/state/postgres/record_repair.hpp"
#include "core/state/postgres/recovery.hpp"
#include "core/state/postgres/replicas.hpp"
#include "core/state/postgres/update_commit.hpp"
#include "core/state/postgres/update_journal.hpp"
#include "core/state/postgres/watch_schedule.hpp"
#include "core/state/shared/record_lists.hpp"

namespace signwatch::postgres {
namespace {

using Accounts = std::vector<std::string>;
using Rowids = std::vector<std::int64_t>;

class PostgresStateStore : public StateStore, public SharedBudgets {
public:
    /// `token`: of the membership that has begun; 0 for a tool.
    PostgresStateStore(const Server& server, Progress& progress, std::int64_t token)
        : lease_(server.lease),
          former_(token),
          membership_(token > 0),
          commits_(server, membership_, progress, around()) {
        membership_.set(token);
    }

    ~PostgresStateStore() override {
        commits_.close([this](Database& database) {
            if (former_ > 0) leave_fleet(database, former_);
        });
    }

    Task<void> sync_watches(std::string account, std::vector<WatchKey> standing, WallTime now) override {
        return write([account = std::move(account), standing = std::move(standing), now](Database& database) {
            postgres::sync_watches(database, account, standing, now);
        });
    }

    Task<std::vector<Watch>> claim_due_watches(ClaimWatches claim) override {
        return commits_.submit(
            Access::write, [claim = std::move(claim)](Database& database) { return claim_watches(database, claim); });
    }

    Task<void> settle_watch(SettleWatch settlement) override {
        return write([settlement](Database& database) { postgres::settle_watch(database, settlement); });
    }

    Task<void> hurry_watches(std::vector<WatchKey> standing, WallTime now) override {
        return write(
            [standing = std::move(standing), now](Database& database) { hurry_standing(database, standing, now); });
    }

    Task<std::optional<WallTime>> next_due(Accounts accounts) override {
        return read(
            [accounts = std::move(accounts)](Database& database) { return postgres::next_due(database, accounts); });
    }

    Task<std::size_t> count_watches(std::string account) override {
        return read(
            [account = std::move(account)](Database& database) { return postgres::count_watches(database, account); });
    }

    Task<std::vector<RegisterResult>> register_processes(std::vector<Registration> registrations,
                                                         FirstLooks looks,
                                                         WallTime now) override {
        return commits_.submit(
            Access::write,
            [registrations = std::move(registrations), looks = std::move(looks), now](Database& database) {
                return postgres::register_processes(database, registrations, looks, now);
            });
    }

    Task<OrderOutcome> order_process(std::string account,
                                     std::string process_id,
                                     ProcessOrder order,
                                     WallTime schedule_now) override {
        return write([account = std::move(account), process_id = std::move(process_id), order, schedule_now](
                         Database& database) {
            return postgres::order_process(database, account, process_id, order, schedule_now);
        });
    }

    Task<std::vector<PassedDeadline>> passed_deadlines(Accounts accounts, WallTime now, std::size_t limit) override {
        return read([accounts = std::move(accounts), now, limit](Database& database) {
            return postgres::passed_deadlines(database, accounts, now, limit);
        });
    }

    Task<void> end_deadline(std::int64_t row) override {
        return write([row](Database& database) { postgres::end_deadline(database, row); });
    }

    Task<std::optional<WallTime>> next_deadline(Accounts accounts) override {
        return read([accounts = std::move(accounts)](Database& database) {
            return postgres::next_deadline(database, accounts);
        });
    }

    Task<std::vector<CallCount>> call_counts(std::string budget) override {
        return read(
            [budget = std::move(budget)](Database& database) { return postgres::call_counts(database, budget); });
    }

    Task<void> count_calls(std::string budget, std::vector<CallCount> calls, WallTime now) override {
        return write([budget = std::move(budget), calls = std::move(calls), now](Database& database) {
            postgres::count_calls(database, budget, calls, now);
        });
    }

    Task<bool> queue_notification(Notification notification) override {
        return write([notification = std::move(notification)](Database& database) {
            return postgres::queue_notification(database, notification);
        });
    }

    Task<std::vector<QueuedNotification>> take_notifications(TakeNotifications take) override {
        return write(
            [take = std::move(take)](Database& database) { return postgres::take_notifications(database, take); });
    }

    Task<HintCounts> hint_processes(HintProcesses request) override {
        return write([request = std::move(request)](Database& database) {
            for (const NotificationId id : request.finished)
                finish_notification(database, id);
            return postgres::hint_processes(database, request);
        });
    }

    Task<void> set_notification_aside(NotificationId id, std::string code) override {
        return write(
            [id, code = std::move(code)](Database& database) { postgres::set_notification_aside(database, id, code); });
    }

    Task<std::size_t> prune_notifications(Accounts accounts, WallTime before) override {
        return pruning_.notifications(std::move(accounts), before);
    }

    Task<RecordResult> record_update(StatusUpdate update, WallTime delivered_at) override {
        return write([update = std::move(update), delivered_at](Database& database) {
            return postgres::record_update(database, update, delivered_at);
        });
    }

    Task<void> record_unreadable(std::string account, UnreadableAnswer answer, WallTime now) override {
        return write([account = std::move(account), answer = std::move(answer), now](Database& database) {
            postgres::record_unreadable(database, account, answer, now);
        });
    }

    Task<bool> commit_update(CommitUpdate commit) override {
        return commits_.submit(Access::update_commit, [this, commit = std::move(commit)](Database& database) {
            const bool committed = postgres::commit_update(database, commit, counted_);
            if (committed) note_committed(database, commit);
            return committed;
        });
    }

    Task<AcknowledgeTicket> begin_acknowledge(BeginAcknowledge request) override {
        return write(
            [this, request](Database& database) { return postgres::begin_acknowledge(database, request, counted_); });
    }

    Task<void> end_acknowledge(UpdateId id, AcknowledgeResult result, WallTime /*now*/) override {
        return write([id, result](Database& database) { postgres::end_acknowledge(database, id, result); });
    }

    Task<void> defer_update(DeferUpdate deferral) override {
        return write(
            [deferral = std::move(deferral)](Database& database) { postgres::defer_update(database, deferral); });
    }

    Task<void> park_update(ParkUpdate park) override {
        return write([park = std::move(park)](Database& database) { postgres::park_update(database, park); });
    }

    Task<std::size_t> resume_unfinished(Accounts accounts, WallTime now, milliseconds repeat_gap) override {
        return write([accounts = std::move(accounts), now, repeat_gap](Database& database) {
            return postgres::resume_unfinished(database, accounts, now, repeat_gap);
        });
    }

    Task<std::vector<PendingUpdate>> claim_unfinished(Accounts accounts,
                                                      WallTime now,
                                                      WallTime lease_until,
                                                      std::size_t limit) override {
        return write([accounts = std::move(accounts), now, lease_until, limit](Database& database) {
            return postgres::claim_unfinished(database, accounts, now, lease_until, limit);
        });
    }

    Task<std::optional<WallTime>> next_unfinished(Accounts accounts) override {
        return read([accounts = std::move(accounts)](Database& database) {
            return postgres::next_unfinished(database, accounts);
        });
    }

    Task<std::size_t> retry_parked(std::string account, std::string process_id, WallTime now) override {
        return commits_.submit(
            Access::write, [account = std::move(account), process_id = std::move(process_id), now](Database& database) {
                return postgres::retry_parked(database, account, process_id, now);
            });
    }

    Task<std::vector<OutboxEvent>> claim_outbox(std::size_t limit) override {
        return read([limit](Database& database) { return postgres::claim_outbox(database, limit); });
    }

    Task<void> mark_published(Rowids rows, WallTime now) override {
        return write(
            [rows = std::move(rows), now](Database& database) { postgres::mark_published(database, rows, now); });
    }

    Task<EntryId> published_end() override {
        return read([](Database& database) { return postgres::published_end(database); });
    }

    Task<std::vector<OutboxEvent>> published_after(EntryId after, std::size_t limit) override {
        return read([after, limit](Database& database) { return state::published_after(database, after, limit); });
    }

    Task<std::size_t> reopen_outbox(EntryId end) override {
        return write([end](Database& database) { return postgres::reopen_outbox(database, end); });
    }

    Task<void> reassign_entries(Rowids rows, EntryId floor, WallTime now) override {
        return write([rows = std::move(rows), floor, now](Database& database) {
            postgres::reassign_entries(database, rows, floor, now);
        });
    }

    Task<bool> fetch_again(UpdateId id, bool whole, WallTime now) override {
        return write([id, whole, now](Database& database) { return postgres::fetch_again(database, id, whole, now); });
    }

    Task<bool> resume_update(UpdateId id, WallTime now) override {
        return write([id, now](Database& database) { return postgres::resume_update(database, id, now); });
    }

    Task<std::size_t> reschedule_watches(std::vector<WatchId> watches, WallTime due_at) override {
        return write([watches = std::move(watches), due_at](Database& database) {
            return postgres::reschedule_watches(database, watches, due_at);
        });
    }

    Task<bool> move_watch(WatchId watch, WallTime stands_at, WallTime due_at) override {
        return write([watch, stands_at, due_at](Database& database) {
            return postgres::move_watch(database, watch, stands_at, due_at);
        });
    }

    Task<bool> follow_again(std::string account, std::string process_id, WallTime due_at) override {
        return commits_.submit(
            Access::write,
            [account = std::move(account), process_id = std::move(process_id), due_at](Database& database) {
                return postgres::follow_again(database, account, process_id, due_at);
            });
    }

    Task<std::size_t> reopen_events(std::vector<OutboxEvent> events) override {
        return write(
            [events = std::move(events)](Database& database) { return postgres::reopen_events(database, events); });
    }

    Task<std::size_t> prune(WallTime before) override { return pruning_.events(before); }

    Task<PrunedProcesses> prune_processes(PruneProcesses request) override {
        return pruning_.processes(std::move(request));
    }

    Task<std::vector<std::string>> unowned_documents(WallTime before, std::size_t limit) override {
        return commits_.submit(Access::read, [before, limit](Database& database) {
            return postgres::unowned_documents(database, before, limit);
        });
    }

    Task<void> forget_documents(std::vector<std::string> sha256) override {
        return write(
            [sha256 = std::move(sha256)](Database& database) { postgres::forget_documents(database, sha256); });
    }

    Task<std::string> remember(std::string name, std::string value_if_absent) override {
        return write([name = std::move(name), value = std::move(value_if_absent)](Database& database) {
            return postgres::remember(database, name, value);
        });
    }

    Task<void> replace(std::string name, std::string value) override {
        return write([name = std::move(name), value = std::move(value)](Database& database) {
            postgres::replace(database, name, value);
        });
    }

    Task<void> probe() override {
        return write([](Database& database) { postgres::probe(database); });
    }

    SharedBudgets* shared_budgets() override { return this; }

    Task<SharedCalls> decide(std::string budget, CallJudge judge, WallTime now) override {
        return commits_.submit_call(budget, [budget, judge = std::move(judge), now](Database& database) {
            return decide_call(database, budget, judge, now);
        });
    }

    Task<void> join() override {
        return commits_.submit_unfenced([this](Database& database) {
            const std::int64_t former = former_;
            membership_.lose();
            const std::int64_t token = join_fleet(database, former, lease_);
            former_ = token;
            membership_.set(token);
        });
    }

    Task<bool> beat() override {
        return commits_.submit_unfenced([this](Database& database) {
            const auto token = membership_.token();
            const bool alive = token && extend_lease(database, *token, lease_);
            if (!alive) membership_.lose();
            if (alive) bury_the_dead(database);
            return alive;
        });
    }

    std::optional<milliseconds> beat_interval() const override { return lease_ / 4; }

    Task<bool> lead(std::string office) override {
        return commits_.submit_unfenced([this, office = std::move(office)](Database& database) {
            const auto token = membership_.token();
            return token && take_office(database, *token, office);
        });
    }

    Task<std::optional<milliseconds>> timeline(milliseconds ours, bool synchronised) override {
        return commits_.submit_unfenced(
            [ours, synchronised](Database& database) { return shared_timeline(database, ours, synchronised); });
    }

private:
    template <typename Work>
    auto write(Work work) -> Task<std::invoke_result_t<Work&, Database&>> {
        return commits_.submit(Access::write, std::move(work));
    }

    template <typename Work>
    auto read(Work work) -> Task<std::invoke_result_t<Work&, Database&>> {
        return commits_.submit(Access::read, std::move(work));
    }

    Around around() {
        return {[](Database& database) {
                    write_tally(database);
                    give_entries(database);
                },
                [this] { counted_.clear(); }};
    }

    const milliseconds lease_;
    std::int64_t former_;              // our latest token; used on the thread of the membership only
    CountedAcknowledgements counted_;  // used on the writing thread only
    Membership membership_;
    GroupCommit commits_;
    state::Pruning<GroupCommit> pruning_{commits_};
};

// A command is told at once; a daemon is when it joins.
void refuse_unfinished(Database& database) {
    database.begin_reading();
    require_arrived(database);
    database.commit();
}

}  // namespace

std::unique_ptr<StateStore> open_state_store(const Server& server, Progress& progress, Role role) {
    Database database(server);
    migrate(database);
    if (role == Role::tool) refuse_unfinished(database);
    const std::int64_t token = role == Role::member ? begin_membership(database, server.lease) : 0;
    return std::make_unique<PostgresStateStore>(server, progress, token);
}

}  // namespace signwatch::postgres
