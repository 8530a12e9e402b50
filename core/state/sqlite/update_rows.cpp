#include "core/state/sqlite/update_rows.hpp"

#include "core/domain/error.hpp"
#include "core/domain/names.hpp"

namespace signwatch::sqlite {
namespace {

std::optional<Reason> read_reason(const Rows& rows, int code, int participant) {
    if (rows.null(code)) return std::nullopt;
    return Reason{rows.text(code), rows.text(participant)};
}

}  // namespace

PendingUpdate load_pending(Database& database, UpdateId id) {
    Rows rows = database.query(
        "SELECT p.provider, a.name, p.process_id, u.reference, u.watch_id, u.state, u.provider_status, u.reason_code,"
        " u.reason_participant, u.changed_at, u.participants, u.documents, u.acknowledge_at, u.hold, u.fingerprint, "
        "b.body,"
        " u.stage, u.attempts, u.acknowledge_attempts, u.delivered_at, u.incomplete, u.via"
        " FROM status_update u JOIN process p ON p.id = u.process_id JOIN account a ON a.id = u.account_id"
        " LEFT JOIN update_body b ON b.update_id = u.id WHERE u.id = ?1",
        id);
    if (!rows.next()) throw_unknown_update();
    PendingUpdate pending;
    pending.id = id;
    pending.update.provider = from_name<ProviderKind>(rows.text(0)).value_or(ProviderKind::posten);
    pending.update.account = rows.text(1);
    pending.update.process_id = rows.text(2);
    pending.update.reference = rows.text(3);
    pending.update.watch = rows.integer(4);
    pending.update.state = from_name<ProcessState>(rows.text(5)).value_or(ProcessState::unknown);
    pending.update.provider_status = rows.text(6);
    pending.update.reason = read_reason(rows, 7, 8);
    pending.update.changed_at = rows.maybe_time(9);
    pending.update.participants = decode_participants(rows.text(10));
    pending.update.documents = decode_documents(rows.text(11));
    pending.update.acknowledge_at = Sensitive(rows.text(12));
    pending.update.hold = rows.small(13) != 0;
    pending.update.fingerprint = rows.text(14);
    pending.update.raw = rows.text(15);
    pending.stage = from_name<Stage>(rows.text(16)).value_or(Stage::received);
    pending.attempts = rows.small(17);
    pending.acknowledge_attempts = rows.small(18);
    pending.delivered_at = rows.time(19);
    pending.update.incomplete = rows.small(20) != 0;
    pending.update.via = from_name<Via>(rows.text(21)).value_or(Via::poll);
    return pending;
}

void throw_unknown_update() {
    throw Error(ErrorKind::permanent, "store_unknown_update", "no such update in the store");
}

void release_next(Database& database, std::int64_t process) {
    database.execute(
        "UPDATE status_update SET waiting = 0 WHERE waiting = 1 AND id ="
        " (SELECT MIN(id) FROM status_update WHERE process_id = ?1 AND stage = 'received')",
        process);
}

}  // namespace signwatch::sqlite
