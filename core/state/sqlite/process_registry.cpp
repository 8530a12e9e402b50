#include "core/state/sqlite/process_registry.hpp"

#include "core/domain/error.hpp"
#include "core/domain/names.hpp"
#include "core/state/shared/early_hints.hpp"
#include "core/state/sqlite/accounts.hpp"
#include "core/state/sqlite/process_deadlines.hpp"
#include "core/state/sqlite/update_rows.hpp"
#include "core/state/sqlite/watch_schedule.hpp"

namespace signwatch::sqlite {
namespace {

struct Known {
    std::int64_t row = 0;
    std::string correlation_id;
    bool registered = false;
    std::optional<WallTime> deadline;
    std::string labels;
    WatchId watch = 0;  // 0: it has none of its own
    std::string rests;
    std::optional<std::int64_t> interval;
};

std::optional<Known> find(Database& database, AccountId account, const std::string& process_id) {
    Rows rows = database.query(
        "SELECT p.id, p.correlation_id, p.registered_at IS NOT NULL, p.deadline_at, p.labels, p.watch_id, w.rests,"
        " w.interval_ms FROM process p LEFT JOIN watch w ON w.id = p.watch_id"
        " WHERE p.account_id = ?1 AND p.process_id = ?2",
        account,
        process_id);
    if (!rows.next()) return std::nullopt;
    Known known;
    known.row = rows.integer(0);
    known.correlation_id = rows.text(1);
    known.registered = rows.small(2) != 0;
    known.deadline = rows.maybe_time(3);
    known.labels = rows.text(4);
    known.watch = rows.integer(5);
    known.rests = rows.text(6);
    if (!rows.null(7)) known.interval = rows.integer(7);
    return known;
}

std::optional<std::int64_t> interval_of(const Registration& wanted) {
    return wanted.interval ? std::optional<std::int64_t>(wanted.interval->count()) : std::nullopt;
}

std::int64_t insert_process(Database& database, AccountId account, const Registration& wanted, WallTime now) {
    database.execute(
        "INSERT INTO process (account_id, process_id, provider, correlation_id, first_seen_at, updated_at)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
        account,
        wanted.process_id,
        name_of(wanted.provider),
        wanted.correlation_id,
        now);
    return database.last_id();
}

void write_terms(Database& database, std::int64_t process, WatchId watch, const Registration& wanted, WallTime now) {
    database.execute(
        "UPDATE process SET correlation_id = ?2, labels = ?3, registered_at = COALESCE(registered_at, ?4) WHERE id = "
        "?1",
        process,
        wanted.correlation_id,
        encode(wanted.labels),
        now);
    if (watch != 0) database.execute("UPDATE watch SET interval_ms = ?2 WHERE id = ?1", watch, interval_of(wanted));
}

WatchId add_watch(Database& database,
                  AccountId account,
                  std::int64_t process,
                  const Registration& wanted,
                  WallTime due_at,
                  WallTime since) {
    const WatchKey key{wanted.account, WatchKind::process, wanted.process_id};
    const WatchId watch = WatchSchedule::add(database, account, key, due_at, since, wanted.interval);
    database.execute("UPDATE process SET watch_id = ?2 WHERE id = ?1", process, watch);
    return watch;
}

// First look and watch of a process that gets one; `due_at` empty: queues bring its updates.
struct Look {
    std::optional<WallTime> due_at;
    WallTime now;
};

void watch_again(Database& database, AccountId account, WatchId watch, const Look& look) {
    database.execute("UPDATE watch SET rests = '', since = ?2 WHERE id = ?1", watch, look.now);
    WatchSchedule::schedule(database, account, watch, look.due_at.value_or(look.now));
}

// A webhook may have come before.
void look_at_once(Database& database, AccountId account, WatchId watch, const Registration& wanted, const Look& look) {
    if (watch == 0) return;
    const auto early = state::take_early_hint(database, account, wanted.process_id, look.now);
    if (early) HurriedWatches::hurry(database, account, watch, {Via::webhook, early->said_ended}, look.now);
}

Registered add(Database& database,
               AccountId account,
               const std::optional<Known>& known,
               const Registration& wanted,
               const Look& look,
               WallTime now) {
    const std::int64_t process = known ? known->row : insert_process(database, account, wanted, now);
    WatchId watch = known ? known->watch : 0;
    if (watch == 0 && look.due_at)
        watch = add_watch(database, account, process, wanted, *look.due_at, look.now);
    else if (watch != 0 && known->rests == "removed")
        watch_again(database, account, watch, look);
    if (!known || known->rests == "removed") look_at_once(database, account, watch, wanted, look);
    write_terms(database, process, watch, wanted, now);
    set_deadline(database, process, wanted.deadline);
    return Registered::added;
}

RegisterResult register_one(Database& database, const Registration& wanted, const Look& look, WallTime now) {
    const AccountId account = ensure_account(database, wanted.account);
    const std::optional<Known> known = find(database, account, wanted.process_id);
    if (!known || !known->registered || known->rests == "removed")
        return {add(database, account, known, wanted, look, now), wanted.correlation_id};
    if (known->correlation_id != wanted.correlation_id) return {Registered::conflict, known->correlation_id};

    const bool same_deadline = known->deadline == wanted.deadline;
    const bool same_rest = known->labels == encode(wanted.labels) && known->interval == interval_of(wanted);
    if (!same_rest) write_terms(database, known->row, known->watch, wanted, now);
    if (!same_deadline) set_deadline(database, known->row, wanted.deadline);
    return {same_deadline && same_rest ? Registered::unchanged : Registered::changed, wanted.correlation_id};
}

// What rests is left alone, but for an ended process that is said to go on.
bool may_look(const Known& known, const ProcessHint& hint) {
    return known.rests.empty() || (known.rests == "ended" && hint.restarted);
}

void note_token(Database& database, WatchId watch, const std::string& token) {
    if (token.empty()) return;
    database.execute(
        "INSERT INTO watch_note (watch_id, token) VALUES (?1, ?2)"
        " ON CONFLICT (watch_id) DO UPDATE SET token = excluded.token",
        watch,
        token);
}

bool is_repeated(Database& database, WatchId watch, const std::string& token) {
    if (token.empty()) return false;
    Rows rows = database.query("SELECT 1 FROM watch_note WHERE watch_id = ?1 AND token = ?2", watch, token);
    return rows.next();
}

WatchId adopt(Database& database, AccountId account, const HintProcesses& request, const ProcessHint& hint) {
    Registration adopted;
    adopted.provider = request.provider;
    adopted.account = request.account;
    adopted.process_id = hint.process_id;
    adopted.correlation_id = hint.reference.empty() ? hint.process_id : hint.reference;
    const std::int64_t process = insert_process(database, account, adopted, request.now);
    return add_watch(database, account, process, adopted, request.regular_from, request.schedule_now);
}

void apply(
    Database& database, AccountId account, const HintProcesses& request, const ProcessHint& hint, HintCounts& counts) {
    const std::optional<Known> known = find(database, account, hint.process_id);
    WatchId watch = known ? known->watch : 0;
    if (!known && request.adopts) {
        watch = adopt(database, account, request, hint);
        ++counts.adopted;
    } else if (watch == 0) {
        if (!known && request.via == Via::webhook)
            state::keep_early_hint(database, account, hint, request.schedule_now);
        ++counts.unknown;
        return;
    } else if (!may_look(*known, hint) || is_repeated(database, watch, hint.token)) {
        ++counts.unchanged;
        return;
    } else {
        ++counts.hurried;
    }
    HurriedWatches::hurry(database, account, watch, {request.via, hint.ended, hint.restarted}, request.schedule_now);
    note_token(database, watch, hint.token);
}

}  // namespace

HintCounts hint_processes(Database& database, const HintProcesses& request) {
    HintCounts counts;
    const AccountId account = ensure_account(database, request.account);
    for (const ProcessHint& hint : request.hints)
        apply(database, account, request, hint, counts);
    if (counts.unknown > 0) state::forget_early_hints(database, account, request.schedule_now);
    return counts;
}

std::vector<RegisterResult> register_processes(Database& database,
                                               const std::vector<Registration>& registrations,
                                               const FirstLooks& looks,
                                               WallTime now) {
    std::vector<RegisterResult> results;
    results.reserve(registrations.size());
    for (std::size_t i = 0; i < registrations.size(); ++i) {
        const Look look{looks.due_at.at(i), looks.now};
        results.push_back(register_one(database, registrations[i], look, now));
    }
    return results;
}

OrderOutcome order_process(Database& database,
                           const std::string& account,
                           const std::string& process_id,
                           ProcessOrder order,
                           WallTime schedule_now) {
    const auto id = find_account(database, account);
    const std::optional<Known> known = id ? find(database, *id, process_id) : std::nullopt;
    if (!known || known->rests == "removed") return OrderOutcome::unknown;
    if (known->watch == 0 || known->rests == "ended") return OrderOutcome::not_watched;
    const auto rest = [&](const char* word) {
        database.execute("UPDATE watch SET rests = ?2 WHERE id = ?1", known->watch, word);
    };
    switch (order) {
        case ProcessOrder::remove:
            rest("removed");
            HurriedWatches::drop(database, known->watch);
            set_deadline(database, known->row, std::nullopt);
            break;
        case ProcessOrder::pause:
            rest("paused");
            HurriedWatches::drop(database, known->watch);
            break;
        case ProcessOrder::resume:
            rest("");
            WatchSchedule::schedule(database, *id, known->watch, schedule_now);
            break;
        case ProcessOrder::poll_now:
            if (!known->rests.empty()) return OrderOutcome::not_watched;
            HurriedWatches::hurry(database, *id, known->watch, Hurry(), schedule_now);
            break;
    }
    return OrderOutcome::done;
}

}  // namespace signwatch::sqlite
