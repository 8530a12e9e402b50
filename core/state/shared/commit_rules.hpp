#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/domain/names.hpp"
#include "core/ports/state_store.hpp"
#include "core/state/shared/record_json.hpp"

/// What an update does to its process when it is committed.
namespace signwatch::state {

/// Final updates whose first acknowledgement was counted by their commit and has not begun yet: begin_acknowledge need
/// not write again, which saves the line one fsync. Lost with the process: then the next attempt counts as the second,
/// which is safe.
using CountedAcknowledgements = std::unordered_set<UpdateId>;

/// An update with what its commit has to know of its process.
struct CommitRow {
    UpdateId id = 0;
    std::int64_t process = 0;
    ProcessState state = ProcessState::unknown;
    std::string participants;
    bool expects_acknowledgement = false;
    Stage stage = Stage::received;
    bool committed_before = false;
    ProcessState process_state = ProcessState::created;
    std::uint64_t sequence = 0;
    UpdateId newest_committed = 0;
    std::string correlation_id;
    bool own_watch = false;  ///< from looking at this process, not from a queue
    bool local_deadline = false;
    bool deadline_reported = false;
    std::vector<Label> labels;
    bool fetched_before = false;
    std::string acknowledgement;
};

/// The columns of a CommitRow behind its id, of status_update u and process p.
#define SIGNWATCH_COMMIT_COLUMNS                                                                                       \
    "u.process_id, u.state, u.participants, u.acknowledge_at <> '' AND NOT u.hold, u.stage, u.committed_at, p.state, " \
    "p.sequence, p.newest_committed, p.correlation_id, u.watch_id IS NOT DISTINCT FROM p.watch_id, "                   \
    "u.reason_code IS NOT DISTINCT FROM 'local-deadline', p.deadline_reported, p.labels, u.fetched_before, "           \
    "u.acknowledgement"

template <typename Rows>
CommitRow read_commit_row(const Rows& rows, UpdateId id) {
    CommitRow row;
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
    row.fetched_before = rows.truth(14);
    row.acknowledgement = rows.text(15);
    return row;
}

/// An update with what its acknowledgement has to know.
struct AcknowledgeRow {
    std::int64_t process = 0;
    bool expected = false;
    bool pending = false;
    bool terminal = false;
    int attempts = 0;
    WallTime delivered_at;
    WatchId watch = 0;
};

/// The columns of an AcknowledgeRow, of status_update u.
#define SIGNWATCH_ACKNOWLEDGE_COLUMNS                                                                               \
    "u.process_id, u.acknowledge_at <> '' AND NOT u.hold, u.stage = 'committed', u.state, u.acknowledge_attempts, " \
    "u.delivered_at, u.watch_id"

template <typename Rows>
AcknowledgeRow read_acknowledge_row(const Rows& rows) {
    const ProcessState state = from_name<ProcessState>(rows.text(3)).value_or(ProcessState::unknown);
    return {rows.integer(0),
            rows.truth(1),
            rows.truth(2),
            is_terminal(state),
            rows.small(4),
            rows.time(5),
            rows.integer(6)};
}

/// An update older than the newest committed one, and a non-final one after the end, are history: they change no state.
/// What a look at the process itself found is always newer, and some ends are not final there (expired, then sent
/// again).
bool changes_state(const CommitRow& row);

/// No event: a deadline that was reached after the end is no news, and once it is reported, only the provider's own end
/// is.
bool is_quiet(const CommitRow& row);

}  // namespace signwatch::state
