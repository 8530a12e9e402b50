#include "core/state/postgres/update_commit.hpp"

#include "core/domain/error.hpp"
#include "core/domain/names.hpp"
#include "core/state/postgres/accounts.hpp"
#include "core/state/postgres/old_processes.hpp"
#include "core/state/postgres/outbox.hpp"
#include "core/state/postgres/process_deadlines.hpp"
#include "core/state/postgres/update_rows.hpp"

namespace signwatch::postgres {
namespace {

struct Row {
    UpdateId id = 0;
    std::int64_t process = 0;
    ProcessState state = ProcessState::unknown;
    std::string participants;
    bool expects_acknowledgement = false;
    Stage stage = Stage::received;
    bool committed_before = false;
    bool fetched_before = false;
    std::string acknowledgement;
    ProcessState process_state = ProcessState::created;
    std::uint64_t sequence = 0;
    UpdateId newest_committed = 0;
    std::string correlation_id;
    bool own_watch = false;  // from looking at this process, not from a queue
    bool local_deadline = false;
    bool deadline_reported = false;
    std::vector<Label> labels;
};

Row load(Database& database, UpdateId id) {
    Rows rows = database.query(
        "SELECT u.process_id, u.state, u.participants, u.acknowledge_at <> '' AND NOT u.hold, u.stage, u.committed_at,"
        " p.state, p.sequence, p.newest_committed, p.correlation_id, u.watch_id IS NOT DISTINCT FROM p.watch_id,"
        " u.reason_code IS NOT DISTINCT FROM 'local-deadline', p.deadline_reported, p.labels, "
        SIGNWATCH_HELD_BY_ANOTHER("u.holder", "$2::bigint") ", u.fetched_before, u.acknowledgement"
        " FROM status_update u JOIN process p ON p.id = u.process_id WHERE u.id = $1 FOR NO KEY UPDATE OF p",
        id,
        database.holder());
    if (!rows.next()) throw_unknown_update();
    if (rows.truth(14)) throw_taken_over();
    Row row;
    row.id = id;
    row.process = rows.integer(0);
    row.state = from_name<ProcessState>(rows.text(1)).value_or(ProcessState::unknown);
    row.participants = rows.text(2);
    row.expects_acknowledgement = rows.truth(3);
    row.stage = from_name<Stage>(rows.text(4)).value_or(Stage::received);
    row.committed_before = !rows.null(5);
    row.process_state = from_name<ProcessState>(rows.text(6)).value_or(ProcessState::unknown);
    row.sequence = static_cast<std::uint64_t>(rows.integer(7));
    row.newest_committed = rows.integer(8);
    row.correlation_id = rows.text(9);
    row.own_watch = rows.truth(10);
    row.local_deadline = rows.truth(11);
    row.deadline_reported = rows.truth(12);
    row.labels = decode_labels(rows.text(13));
    row.fetched_before = rows.truth(15);
    row.acknowledgement = rows.text(16);
    return row;
}

void insert_documents(Database& database, const Row& row, const std::vector<StoredDocument>& documents) {
    for (const StoredDocument& each : documents) {
        database.execute(
            "INSERT INTO document (process_id, update_id, kind, participant, sha256, size, media_type, uri, "
            "verification,"
            " stored_at, part) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            row.process,
            row.id,
            name_of(each.kind),
            each.participant,
            each.digest.sha256,
            each.digest.size,
            each.media_type,
            each.uri,
            each.verification,
            each.stored_at,
            each.part);
        own_document(database, each.digest.sha256);
    }
    database.count("document", 0, static_cast<std::int64_t>(documents.size()));
}

// True: one of them has other bytes than before, or had no row.
bool replace_documents(Database& database, const Row& row, const std::vector<StoredDocument>& documents) {
    bool changed = false;
    for (const StoredDocument& each : documents) {
        Rows same = database.query(
            "SELECT 1 FROM document WHERE process_id = $1 AND update_id = $2 AND kind = $3 AND participant = $4"
            " AND part = $5 AND sha256 = $6",
            row.process,
            row.id,
            name_of(each.kind),
            each.participant,
            each.part,
            each.digest.sha256);
        if (same.next()) continue;
        changed = true;
        const std::int64_t replaced = database.execute(
            "UPDATE document SET sha256 = $6, size = $7, media_type = $8, uri = $9, verification = $10, stored_at = $11"
            " WHERE process_id = $1 AND update_id = $2 AND kind = $3 AND participant = $4 AND part = $5",
            row.process,
            row.id,
            name_of(each.kind),
            each.participant,
            each.part,
            each.digest.sha256,
            each.digest.size,
            each.media_type,
            each.uri,
            each.verification,
            each.stored_at);
        if (replaced == 0)
            insert_documents(database, row, {each});
        else
            own_document(database, each.digest.sha256);
    }
    return changed;
}

// An update older than the newest committed one, and a non-final one after the end, are history: they change no state.
// What a look at the process itself found is always newer, and some ends are not final there (expired, then sent
// again).
bool changes_state(const Row& row) {
    return row.id > row.newest_committed &&
           (is_terminal(row.state) || !is_terminal(row.process_state) || row.own_watch);
}

// A deadline that was reached after the end is no news. Once it is reported, only the provider's own end is.
bool is_quiet(const Row& row) {
    if (row.local_deadline) return is_terminal(row.process_state) || row.deadline_reported;
    return row.deadline_reported && (!is_terminal(row.state) || row.state == ProcessState::expired);
}

// Who said that it had ended, and a look that saw the same, were both on the way: the same end is told once.
bool is_told(Database& database, const Row& row) {
    if (!row.own_watch || !is_terminal(row.state) || row.newest_committed == 0) return false;
    Rows rows = database.query(
        "SELECT 1 FROM status_update u JOIN status_update t ON t.id = $1 WHERE u.id = $2 AND u.state = t.state"
        " AND u.provider_status = t.provider_status AND u.reason_code IS NOT DISTINCT FROM t.reason_code"
        " AND u.reason_participant IS NOT DISTINCT FROM t.reason_participant AND u.changed_at IS NOT DISTINCT FROM "
        "t.changed_at"
        " AND u.participants = t.participants AND u.documents = t.documents",
        row.newest_committed,
        row.id);
    return rows.next();
}

void note_deadline(Database& database, const Row& row) {
    const bool had_ended = is_terminal(row.process_state);
    if (row.local_deadline) {
        // One that was no news silences nothing that follows.
        if (!had_ended) database.execute("UPDATE process SET deadline_reported = true WHERE id = $1", row.process);
    } else if (is_terminal(row.state) && row.state != ProcessState::expired) {
        end_deadline(database, row.process);
    } else if (had_ended && !is_terminal(row.state) && row.own_watch) {
        resume_deadline(database, row.process);
    }
}

// What the provider told when it was asked for the rest.
void complete(Database& database, UpdateId id, const StatusUpdate& whole) {
    const std::optional<std::string> code = whole.reason ? std::optional(whole.reason->code) : std::nullopt;
    const std::optional<std::string> by = whole.reason ? std::optional(whole.reason->participant_ref) : std::nullopt;
    database.execute(
        "UPDATE status_update SET state = $2, provider_status = $3, reason_code = $4, reason_participant = $5,"
        " changed_at = $6, participants = $7, documents = $8, incomplete = false WHERE id = $1",
        id,
        name_of(whole.state),
        whole.provider_status,
        code,
        by,
        whole.changed_at,
        encode(whole.participants),
        encode(whole.documents));
}

void take_state(Database& database, const Row& row) {
    database.execute("UPDATE process SET state = $2, participants = $3, newest_committed = $4 WHERE id = $1",
                     row.process,
                     name_of(row.state),
                     row.participants,
                     row.id);
}

void add_event(Database& database, const Row& row, const EventComposer& compose, WallTime now) {
    const EventContext context{
        row.sequence + 1, row.process_state, row.sequence == 0, row.correlation_id, row.labels, now};
    database.execute(
        "UPDATE process SET sequence = $2, updated_at = $3 WHERE id = $1", row.process, context.sequence, now);
    append_event(database, row.process, row.id, compose(context), context);
}

void mark_committed(Database& database, const Row& row, bool count_acknowledgement, WallTime now) {
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

// Its documents were fetched again. Consumers hear of it only if these are not what they were told before.
bool commit_again(Database& database, const Row& row, const CommitUpdate& commit) {
    const bool changed = replace_documents(database, row, commit.documents);
    if (changed) add_event(database, row, commit.compose, commit.now);
    const bool pending = row.acknowledgement == "pending";
    database.execute(
        "UPDATE status_update SET stage = $2, incomplete = false, fetched_before = false,"
        " documents = COALESCE($3, documents), last_code = '', waiting = false,"
        " next_attempt_at = CASE WHEN $4 THEN next_attempt_at END, holder = CASE WHEN $4 THEN holder END WHERE id = $1",
        row.id,
        pending || row.acknowledgement == "left" ? "committed" : "acknowledged",
        commit.completed ? std::optional(encode(commit.completed->documents)) : std::nullopt,
        pending);
    release_next(database, row.process);
    return changed;
}

struct AcknowledgeRow {
    std::int64_t process = 0;
    bool expected = false;
    bool pending = false;
    bool terminal = false;
    int attempts = 0;
    WallTime delivered_at;
    WatchId watch = 0;
};

AcknowledgeRow load_acknowledge(Database& database, UpdateId id) {
    Rows rows = database.query(
        "SELECT u.process_id, u.acknowledge_at <> '' AND NOT u.hold, u.stage = 'committed', u.state,"
        " u.acknowledge_attempts, u.delivered_at, u.watch_id, " SIGNWATCH_HELD_BY_ANOTHER("u.holder", "$2::bigint")
        " FROM status_update u JOIN process p ON p.id = u.process_id WHERE u.id = $1 FOR NO KEY UPDATE OF p",
        id,
        database.holder());
    if (!rows.next()) throw_unknown_update();
    if (rows.truth(7)) throw_taken_over();
    const ProcessState state = from_name<ProcessState>(rows.text(3)).value_or(ProcessState::unknown);
    return {rows.integer(0),
            rows.truth(1),
            rows.truth(2),
            is_terminal(state),
            rows.small(4),
            rows.time(5),
            rows.integer(6)};
}

bool newer_is_recorded(Database& database, std::int64_t process, UpdateId id) {
    Rows rows = database.query("SELECT 1 FROM status_update WHERE process_id = $1 AND id > $2", process, id);
    return rows.next();
}

// The row of the watch stays locked, so that no poll can begin before this acknowledgement is known to be under way.
bool polled_elsewhere(Database& database, WatchId watch) {
    Rows rows = database.query("SELECT " SIGNWATCH_HELD_BY_ANOTHER(
                                   "d.holder", "$2::bigint") " FROM due_watch d WHERE d.watch_id = $1 FOR SHARE",
                               watch,
                               database.holder());
    return rows.next() && rows.truth(0);
}

// Until a final update is acknowledged its process is at rest; a non-final acknowledgement could hit what came after
// it.
bool may_send(Database& database, const AcknowledgeRow& row, const BeginAcknowledge& request) {
    if (row.terminal) return true;
    if (request.now >= row.delivered_at + request.window) return false;
    return !newer_is_recorded(database, row.process, request.id) && !polled_elsewhere(database, row.watch);
}

}  // namespace

bool commit_update(Database& database, const CommitUpdate& commit, CountedAcknowledgements& counted) {
    Row row = load(database, commit.id);
    if (row.committed_before && row.fetched_before && row.stage == Stage::received)
        return commit_again(database, row, commit);
    if (row.committed_before) return false;
    if (commit.completed) {
        complete(database, commit.id, *commit.completed);
        row = load(database, commit.id);
    }
    const bool count_acknowledgement = row.expects_acknowledgement && is_terminal(row.state);
    insert_documents(database, row, commit.documents);
    const bool told = commit.completed && is_told(database, row);
    if (!told && !is_quiet(row)) {
        add_event(database, row, commit.compose, commit.now);
        if (changes_state(row)) take_state(database, row);
    }
    note_deadline(database, row);
    mark_committed(database, row, count_acknowledgement, commit.now);
    release_next(database, row.process);
    if (count_acknowledgement) counted.insert(row.id);
    return true;
}

void park_update(Database& database, const ParkUpdate& park) {
    const Row row = load(database, park.id);
    if (row.stage != Stage::received && row.stage != Stage::committed) return;
    add_event(database, row, park.compose, park.now);
    database.execute(
        "UPDATE status_update SET stage = 'parked', next_attempt_at = NULL, waiting = false, holder = NULL, last_code "
        "= $2,"
        " retry_from = $3 WHERE id = $1",
        row.id,
        park.code,
        park.retry_from);
    release_next(database, row.process);
}

AcknowledgeTicket begin_acknowledge(Database& database,
                                    const BeginAcknowledge& request,
                                    CountedAcknowledgements& counted) {
    const AcknowledgeRow row = load_acknowledge(database, request.id);
    if (!row.expected) return {AcknowledgePermit::not_expected, row.attempts};
    if (!row.pending || !may_send(database, row, request)) return {AcknowledgePermit::leave, row.attempts};
    if (counted.erase(request.id)) return {AcknowledgePermit::send, row.attempts};
    database.execute("UPDATE status_update SET acknowledge_attempts = acknowledge_attempts + 1 WHERE id = $1",
                     request.id);
    return {AcknowledgePermit::send, row.attempts + 1};
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
