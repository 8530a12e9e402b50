#include "core/state/postgres/update_journal.hpp"

#include <chrono>

#include "core/domain/error.hpp"
#include "core/domain/names.hpp"
#include "core/state/postgres/accounts.hpp"
#include "core/state/postgres/update_rows.hpp"

namespace signwatch::postgres {
namespace {

// The caller of record_update starts the line at once; recovery takes the update over if nothing was heard for this
// long.
constexpr std::chrono::minutes first_lease{15};

bool acknowledgement_expected(const StatusUpdate& update) {
    return !update.acknowledge_at.empty() && !update.hold;
}

// Locked until the transaction ends: what comes to one process comes one after the other, whichever replica brings it.
std::optional<std::int64_t> lock_process(Database& database, std::int64_t account, const std::string& process_id) {
    Rows rows = database.query(
        "SELECT id FROM process WHERE account_id = $1 AND process_id = $2 FOR NO KEY UPDATE", account, process_id);
    return rows.next() ? std::optional(rows.integer(0)) : std::nullopt;
}

std::int64_t ensure_process(Database& database, std::int64_t account, const StatusUpdate& update, WallTime now) {
    if (const auto known = lock_process(database, account, update.process_id)) return *known;
    const std::int64_t added = database.execute(
        "INSERT INTO process (account_id, process_id, provider, correlation_id, first_seen_at, updated_at)"
        " VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT DO NOTHING",
        account,
        update.process_id,
        name_of(update.provider),
        update.reference,
        now);
    database.count("process", 0, added);
    return lock_process(database, account, update.process_id).value();
}

bool older_update_is_received(Database& database, std::int64_t process) {
    Rows rows = database.query("SELECT 1 FROM status_update WHERE process_id = $1 AND stage = 'received'", process);
    return rows.next();
}

RecordResult insert(
    Database& database, std::int64_t account, std::int64_t process, const StatusUpdate& update, WallTime delivered_at) {
    const bool waiting = older_update_is_received(database, process);
    const std::optional<std::string> reason_code = update.reason ? std::optional(update.reason->code) : std::nullopt;
    const std::optional<std::string> reason_participant =
        update.reason ? std::optional(update.reason->participant_ref) : std::nullopt;
    Rows inserted = database.query(
        "WITH added AS (INSERT INTO status_update (process_id, account_id, watch_id, fingerprint, reference, state, "
        "provider_status,"
        " reason_code, reason_participant, changed_at, participants, documents, acknowledge_at, hold, stage, "
        "acknowledgement,"
        " attempts, delivered_at, next_attempt_at, waiting, incomplete, holder, via)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'received', $15, $16, $17, $18, $19, "
        "$20, $21, $22) RETURNING id)"
        " INSERT INTO update_body SELECT id, $23 FROM added RETURNING update_id",
        process,
        account,
        update.watch,
        update.fingerprint,
        update.reference,
        name_of(update.state),
        update.provider_status,
        reason_code,
        reason_participant,
        update.changed_at,
        encode(update.participants),
        encode(update.documents),
        update.acknowledge_at.reveal(),
        update.hold,
        acknowledgement_expected(update) ? "pending" : "none",
        waiting ? 0 : 1,
        delivered_at,
        waiting ? delivered_at : delivered_at + first_lease,
        waiting,
        update.incomplete,
        waiting ? std::nullopt : database.holder(),
        name_of(update.via),
        Blob{update.raw});
    inserted.next();
    const UpdateId id = inserted.integer(0);
    return {id, waiting ? Recorded::waiting : Recorded::added};
}

RecordResult redeliver(
    Database& database, UpdateId id, Stage stage, const StatusUpdate& update, WallTime delivered_at) {
    const bool expected = acknowledgement_expected(update);
    database.execute(
        "UPDATE status_update SET documents = $2, acknowledge_at = $3, hold = $4, delivered_at = $5 WHERE id = $1",
        id,
        encode(update.documents),
        update.acknowledge_at.reveal(),
        update.hold,
        delivered_at);
    const bool durable = stage == Stage::committed || stage == Stage::acknowledged;
    if (!durable) {
        database.execute(
            "UPDATE status_update SET acknowledgement = $2 WHERE id = $1", id, expected ? "pending" : "none");
        return {id, stage == Stage::parked ? Recorded::parked : Recorded::in_progress};
    }
    if (expected) {
        database.execute(
            "UPDATE status_update SET stage = 'committed', acknowledgement = 'pending', next_attempt_at = $2, holder = "
            "$3"
            " WHERE id = $1",
            id,
            delivered_at + first_lease,
            database.holder());
    }
    return {id, Recorded::committed};
}

}  // namespace

RecordResult record_update(Database& database, const StatusUpdate& update, WallTime delivered_at) {
    const std::int64_t account = ensure_account(database, update.account);
    note_seen(database, update);
    const std::int64_t process = ensure_process(database, account, update, delivered_at);
    Rows known = database.query(
        "SELECT id, stage FROM status_update WHERE process_id = $1 AND fingerprint = $2", process, update.fingerprint);
    if (!known.next()) return insert(database, account, process, update, delivered_at);
    const Stage stage = from_name<Stage>(known.text(1)).value_or(Stage::received);
    return redeliver(database, known.integer(0), stage, update, delivered_at);
}

void record_unreadable(Database& database, const std::string& account, const UnreadableAnswer& answer, WallTime now) {
    database.execute("INSERT INTO unreadable (account_id, code, body, at) VALUES ($1, $2, $3, $4)",
                     ensure_account(database, account),
                     answer.code,
                     Blob{answer.body},
                     now);
}

}  // namespace signwatch::postgres
