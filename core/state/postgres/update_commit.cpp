#include "core/state/postgres/update_commit.hpp"

#include "core/state/postgres/accounts.hpp"
#include "core/state/postgres/old_processes.hpp"
#include "core/state/postgres/outbox.hpp"
#include "core/state/postgres/process_deadlines.hpp"
#include "core/state/postgres/update_rows.hpp"
#include "core/state/shared/update_commit.hpp"

namespace signwatch::postgres {

using state::AcknowledgeRow;
using state::CommitRow;

// The row of the process stays locked: its updates are committed one after the other.
CommitRow load_commit_row(Database& database, UpdateId id) {
    Rows rows = database.query(
        "SELECT " SIGNWATCH_COMMIT_COLUMNS ", " SIGNWATCH_HELD_BY_ANOTHER("u.holder", "$2::bigint")
        " FROM status_update u JOIN process p ON p.id = u.process_id WHERE u.id = $1 FOR NO KEY UPDATE OF p",
        id,
        database.holder());
    if (!rows.next()) throw_unknown_update();
    if (rows.truth(16)) throw_taken_over();
    return state::read_commit_row(rows, id);
}

AcknowledgeRow load_acknowledge_row(Database& database, UpdateId id) {
    Rows rows = database.query(
        "SELECT " SIGNWATCH_ACKNOWLEDGE_COLUMNS ", " SIGNWATCH_HELD_BY_ANOTHER("u.holder", "$2::bigint")
        " FROM status_update u JOIN process p ON p.id = u.process_id WHERE u.id = $1 FOR NO KEY UPDATE OF p",
        id,
        database.holder());
    if (!rows.next()) throw_unknown_update();
    if (rows.truth(7)) throw_taken_over();
    return state::read_acknowledge_row(rows);
}

void count_documents(Database& database, std::size_t more) {
    database.count("document", 0, static_cast<std::int64_t>(more));
}

// The row of the watch stays locked, so that no poll can begin before this acknowledgement is known to be under way.
bool polled_elsewhere(Database& database, WatchId watch) {
    Rows rows = database.query("SELECT " SIGNWATCH_HELD_BY_ANOTHER(
                                   "d.holder", "$2::bigint") " FROM due_watch d WHERE d.watch_id = $1 FOR SHARE",
                               watch,
                               database.holder());
    return rows.next() && rows.truth(0);
}

void mark_committed(Database& database, const CommitRow& row, bool count_acknowledgement, WallTime now) {
    const bool expected = row.expects_acknowledgement;
    database.execute(
        "UPDATE status_update SET stage = $2, acknowledgement = $3, acknowledge_attempts = acknowledge_attempts + $4,"
        " committed_at = $5, last_code = '', waiting = false,"
        " next_attempt_at = CASE WHEN $6 THEN COALESCE(next_attempt_at, delivered_at) END,"
        " holder = CASE WHEN $6 THEN holder END WHERE id = $1",
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
        "UPDATE status_update SET stage = $2, incomplete = false, fetched_before = false,"
        " documents = COALESCE($3, documents), last_code = '', waiting = false,"
        " next_attempt_at = CASE WHEN $4 THEN next_attempt_at END, holder = CASE WHEN $4 THEN holder END WHERE id = $1",
        row.id,
        pending || row.acknowledgement == "left" ? "committed" : "acknowledged",
        documents,
        pending);
}

void mark_parked(Database& database, const ParkUpdate& park) {
    database.execute(
        "UPDATE status_update SET stage = 'parked', next_attempt_at = NULL, waiting = false, holder = NULL, last_code "
        "= $2,"
        " retry_from = $3 WHERE id = $1",
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
    require_ours(database, id);
    if (result == AcknowledgeResult::left) {
        database.execute(
            "UPDATE status_update SET acknowledgement = 'left', next_attempt_at = NULL, holder = NULL"
            " WHERE id = $1 AND stage = 'committed'",
            id);
        return;
    }
    database.execute(
        "UPDATE status_update SET stage = 'acknowledged', acknowledgement = $2, next_attempt_at = NULL, holder = NULL,"
        " last_code = '' WHERE id = $1 AND stage = 'committed'",
        id,
        result == AcknowledgeResult::done ? "done" : "assumed");
}

}  // namespace signwatch::postgres
