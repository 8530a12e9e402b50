#include "core/state/sqlite/update_commit.hpp"

#include "core/state/shared/update_commit.hpp"
#include "core/state/sqlite/old_processes.hpp"
#include "core/state/sqlite/outbox.hpp"
#include "core/state/sqlite/process_deadlines.hpp"
#include "core/state/sqlite/update_rows.hpp"

namespace signwatch::sqlite {

using state::AcknowledgeRow;
using state::CommitRow;

CommitRow load_commit_row(Database& database, UpdateId id) {
    Rows rows = database.query("SELECT " SIGNWATCH_COMMIT_COLUMNS
                               " FROM status_update u JOIN process p ON p.id = u.process_id WHERE u.id = ?1",
                               id);
    if (!rows.next()) throw_unknown_update();
    return state::read_commit_row(rows, id);
}

AcknowledgeRow load_acknowledge_row(Database& database, UpdateId id) {
    Rows rows = database.query("SELECT " SIGNWATCH_ACKNOWLEDGE_COLUMNS " FROM status_update u WHERE u.id = ?1", id);
    if (!rows.next()) throw_unknown_update();
    return state::read_acknowledge_row(rows);
}

// A trigger counts.
void count_documents(Database&, std::size_t) {}

// There is no other daemon.
bool polled_elsewhere(Database&, WatchId) {
    return false;
}

void mark_committed(Database& database, const CommitRow& row, bool count_acknowledgement, WallTime now) {
    const bool expected = row.expects_acknowledgement;
    database.execute(
        "UPDATE status_update SET stage = ?2, acknowledgement = ?3, acknowledge_attempts = acknowledge_attempts + ?4,"
        " committed_at = ?5, last_code = '', waiting = 0,"
        " next_attempt_at = IIF(?6, COALESCE(next_attempt_at, delivered_at), NULL) WHERE id = ?1",
        row.id,
        expected ? "committed" : "acknowledged",
        expected ? "pending" : "none",
        count_acknowledgement ? 1 : 0,
        now,
        expected);
}

void mark_fetched_again(Database& database, const CommitRow& row, const std::optional<std::string>& documents) {
    const bool pending = row.acknowledgement == "pending";
    database.execute(
        "UPDATE status_update SET stage = ?2, incomplete = 0, fetched_before = 0, documents = COALESCE(?3, documents), "
        "last_code = '',"
        " waiting = 0, next_attempt_at = IIF(?4, next_attempt_at, NULL) WHERE id = ?1",
        row.id,
        pending || row.acknowledgement == "left" ? "committed" : "acknowledged",
        documents,
        pending);
}

void mark_parked(Database& database, const ParkUpdate& park) {
    database.execute(
        "UPDATE status_update SET stage = 'parked', next_attempt_at = NULL, waiting = 0, last_code = ?2, retry_from = "
        "?3"
        " WHERE id = ?1",
        park.id,
        park.code,
        park.retry_from);
}

bool commit_update(Database& database, const CommitUpdate& commit, CountedAcknowledgements& counted) {
    return state::commit_update(database, commit, counted);
}

void park_update(Database& database, const ParkUpdate& park) {
    state::park_update(database, park);
}

AcknowledgeTicket begin_acknowledge(Database& database,
                                    const BeginAcknowledge& request,
                                    CountedAcknowledgements& counted) {
    return state::begin_acknowledge(database, request, counted);
}

void end_acknowledge(Database& database, UpdateId id, AcknowledgeResult result) {
    if (result == AcknowledgeResult::left) {
        database.execute(
            "UPDATE status_update SET acknowledgement = 'left', next_attempt_at = NULL WHERE id = ?1 AND stage = "
            "'committed'",
            id);
        return;
    }
    database.execute(
        "UPDATE status_update SET stage = 'acknowledged', acknowledgement = ?2, next_attempt_at = NULL, last_code = ''"
        " WHERE id = ?1 AND stage = 'committed'",
        id,
        result == AcknowledgeResult::done ? "done" : "assumed");
}

}  // namespace signwatch::sqlite
