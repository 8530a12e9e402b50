#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/domain/names.hpp"
#include "core/ports/state_store.hpp"
#include "core/state/shared/commit_rules.hpp"
#include "core/state/shared/record_json.hpp"

/// How an update becomes durable with its event, in every store: what is written, and in which order. What a store says
/// in its own words it gives as functions of its Database: load_commit_row, load_acknowledge_row, mark_committed,
/// mark_fetched_again, mark_parked, polled_elsewhere, count_documents, own_document, end_deadline, append_event and
/// release_next. Runs in a transaction of the store.
namespace signwatch::state {

template <typename Database>
void insert_documents(Database& database, const CommitRow& row, const std::vector<StoredDocument>& documents) {
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
    count_documents(database, documents.size());
}

/// True: one of them has other bytes than before, or had no row.
template <typename Database>
bool replace_documents(Database& database, const CommitRow& row, const std::vector<StoredDocument>& documents) {
    bool changed = false;
    for (const StoredDocument& each : documents) {
        auto same = database.query(
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

/// Who said that it had ended, and a look that saw the same, were both on the way: the same end is told once.
template <typename Database>
bool is_told(Database& database, const CommitRow& row) {
    if (!row.own_watch || !is_terminal(row.state) || row.newest_committed == 0) return false;
    auto rows = database.query(
        "SELECT 1 FROM status_update u JOIN status_update t ON t.id = $1 WHERE u.id = $2 AND u.state = t.state"
        " AND u.provider_status = t.provider_status AND u.reason_code IS NOT DISTINCT FROM t.reason_code"
        " AND u.reason_participant IS NOT DISTINCT FROM t.reason_participant AND u.changed_at IS NOT DISTINCT FROM "
        "t.changed_at"
        " AND u.participants = t.participants AND u.documents = t.documents",
        row.newest_committed,
        row.id);
    return rows.next();
}

template <typename Database>
void note_deadline(Database& database, const CommitRow& row) {
    if (row.local_deadline) {
        database.execute("UPDATE process SET deadline_reported = true WHERE id = $1", row.process);
    } else if (is_terminal(row.state) && row.state != ProcessState::expired) {
        end_deadline(database, row.process);
    }
}

/// What the provider told when it was asked for the rest.
template <typename Database>
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

template <typename Database>
void take_state(Database& database, const CommitRow& row) {
    database.execute("UPDATE process SET state = $2, participants = $3, newest_committed = $4 WHERE id = $1",
                     row.process,
                     name_of(row.state),
                     row.participants,
                     row.id);
}

template <typename Database>
void add_event(Database& database, const CommitRow& row, const EventComposer& compose, WallTime now) {
    const EventContext context{
        row.sequence + 1, row.process_state, row.sequence == 0, row.correlation_id, row.labels, now};
    database.execute(
        "UPDATE process SET sequence = $2, updated_at = $3 WHERE id = $1", row.process, context.sequence, now);
    append_event(database, row.process, row.id, compose(context), context);
}

template <typename Database>
bool newer_is_recorded(Database& database, std::int64_t process, UpdateId id) {
    auto rows = database.query("SELECT 1 FROM status_update WHERE process_id = $1 AND id > $2", process, id);
    return rows.next();
}

/// Until a final update is acknowledged its process is at rest; a non-final acknowledgement could hit what came after
/// it.
template <typename Database>
bool may_send(Database& database, const AcknowledgeRow& row, const BeginAcknowledge& request) {
    if (row.terminal) return true;
    if (request.now >= row.delivered_at + request.window) return false;
    return !newer_is_recorded(database, row.process, request.id) && !polled_elsewhere(database, row.watch);
}

/// Its documents were fetched again. Consumers hear of it only if these are not what they were told before.
template <typename Database>
bool commit_again(Database& database, const CommitRow& row, const CommitUpdate& commit) {
    const bool changed = replace_documents(database, row, commit.documents);
    if (changed) add_event(database, row, commit.compose, commit.now);
    const auto documents = commit.completed ? std::optional(encode(commit.completed->documents)) : std::nullopt;
    mark_fetched_again(database, row, documents);
    release_next(database, row.process);
    return changed;
}

template <typename Database>
bool commit_update(Database& database, const CommitUpdate& commit, CountedAcknowledgements& counted) {
    CommitRow row = load_commit_row(database, commit.id);
    if (row.committed_before && row.fetched_before && row.stage == Stage::received)
        return commit_again(database, row, commit);
    if (row.committed_before) return false;
    if (commit.completed) {
        complete(database, commit.id, *commit.completed);
        row = load_commit_row(database, commit.id);
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

template <typename Database>
void park_update(Database& database, const ParkUpdate& park) {
    const CommitRow row = load_commit_row(database, park.id);
    if (row.stage != Stage::received && row.stage != Stage::committed) return;
    add_event(database, row, park.compose, park.now);
    mark_parked(database, park);
    release_next(database, row.process);
}

template <typename Database>
AcknowledgeTicket begin_acknowledge(Database& database,
                                    const BeginAcknowledge& request,
                                    CountedAcknowledgements& counted) {
    const AcknowledgeRow row = load_acknowledge_row(database, request.id);
    if (!row.expected) return {AcknowledgePermit::not_expected, row.attempts};
    if (!row.pending || !may_send(database, row, request)) return {AcknowledgePermit::leave, row.attempts};
    if (counted.erase(request.id) > 0) return {AcknowledgePermit::send, row.attempts};
    database.execute("UPDATE status_update SET acknowledge_attempts = acknowledge_attempts + 1 WHERE id = $1",
                     request.id);
    return {AcknowledgePermit::send, row.attempts + 1};
}

}  // namespace signwatch::state
