#include "core/state/sqlite/old_processes.hpp"

#include "core/domain/watch.hpp"
#include "core/state/sqlite/hurried_watches.hpp"
#include "core/state/sqlite/process_deadlines.hpp"

namespace signwatch::sqlite {
namespace {

struct Old {
    std::int64_t id = 0;
    WatchId watch = 0;
    bool scheduled = false;
};

// The oldest first. Those that may not leave yet are passed over, and looked at again by the next prune.
std::vector<Old> ended(Database& database, WallTime before, OldProcesses& so_far) {
    std::vector<Old> found;
    std::size_t seen = 0;
    Rows rows = database.query(
        "SELECT p.updated_at, p.id, p.watch_id, w.scheduled, w.id IS NULL OR w.rests IN ('ended', 'removed')"
        " FROM process p LEFT JOIN watch w ON w.id = p.watch_id"
        " WHERE p.state NOT IN ('created', 'in_progress', 'unknown') AND p.updated_at < ?1"
        " AND (p.updated_at, p.id) > (?2, ?3) ORDER BY p.updated_at, p.id LIMIT ?4",
        before,
        so_far.updated_at,
        so_far.process,
        state::process_step);
    for (; rows.next(); ++seen) {
        so_far.updated_at = rows.integer(0);
        so_far.process = rows.integer(1);
        if (rows.small(4) != 0) found.push_back({rows.integer(1), rows.integer(2), rows.small(3) != 0});
    }
    so_far.ended_done = seen < state::process_step;
    return found;
}

std::vector<Old> removed(Database& database, WallTime before, OldProcesses& so_far) {
    std::vector<Old> found;
    std::size_t seen = 0;
    Rows rows = database.query(
        "SELECT w.id, p.id, w.scheduled, p.updated_at < ?1 FROM watch w JOIN process p ON p.watch_id = w.id"
        " WHERE w.rests = 'removed' AND w.id > ?2 ORDER BY w.id LIMIT ?3",
        before,
        so_far.removed_watch,
        state::process_step);
    for (; rows.next(); ++seen) {
        so_far.removed_watch = rows.integer(0);
        if (rows.small(3) != 0) found.push_back({rows.integer(1), rows.integer(0), rows.small(2) != 0});
    }
    so_far.done = seen < state::process_step;
    return found;
}

// A final update that is not acknowledged may be offered again at any time, and then has to be known.
bool may_leave(Database& database, const Old& old, WallTime delivered_before) {
    if (old.scheduled) return false;
    Rows rows = database.query(
        "SELECT 1 FROM status_update u WHERE u.process_id = ?1 AND (u.next_attempt_at IS NOT NULL"
        " OR u.delivered_at >= ?2 OR EXISTS (SELECT 1 FROM event e WHERE e.update_id = u.id)"
        " OR NOT (u.stage = 'acknowledged' OR (u.stage = 'committed' AND u.acknowledgement = 'left'"
        " AND u.state IN ('created', 'in_progress', 'unknown')))) LIMIT 1",
        old.id,
        delivered_before);
    return !rows.next();
}

void disown_documents(Database& database, std::int64_t process, WallTime now) {
    database.execute(
        "INSERT OR IGNORE INTO unowned_document (sha256, size, since) SELECT d.sha256, d.size, ?2 FROM document d"
        " WHERE d.process_id = ?1 AND NOT EXISTS"
        " (SELECT 1 FROM document o WHERE o.sha256 = d.sha256 AND o.process_id <> ?1)",
        process,
        now);
    database.execute("DELETE FROM document WHERE process_id = ?1", process);
}

void remove_watch(Database& database, WatchId watch) {
    HurriedWatches::drop(database, watch);
    database.execute("DELETE FROM watch_note WHERE watch_id = ?1", watch);
    database.execute("DELETE FROM repeat_gap WHERE watch_id = ?1", watch);
    database.execute("DELETE FROM watch WHERE id = ?1", watch);
}

void remove(Database& database, const Old& old, WallTime now) {
    disown_documents(database, old.id, now);
    database.execute("DELETE FROM update_body WHERE update_id IN (SELECT id FROM status_update WHERE process_id = ?1)",
                     old.id);
    database.execute("DELETE FROM status_update WHERE process_id = ?1", old.id);
    database.execute("DELETE FROM history WHERE process_id = ?1", old.id);
    end_deadline(database, old.id);
    database.execute("DELETE FROM process WHERE id = ?1", old.id);
    if (old.watch != 0) remove_watch(database, old.watch);
}

}  // namespace

OldProcesses prune_processes(Database& database, const PruneProcesses& request, OldProcesses so_far) {
    const std::vector<Old> over =
        so_far.ended_done ? removed(database, request.before, so_far) : ended(database, request.before, so_far);
    so_far.pruned = 0;
    for (const Old& old : over) {
        if (!may_leave(database, old, request.delivered_before)) continue;
        remove(database, old, request.now);
        ++so_far.pruned;
    }
    return so_far;
}

std::vector<std::string> unowned_documents(Database& database, WallTime before, std::size_t limit) {
    std::vector<std::string> found;
    Rows rows = database.query("SELECT sha256, since FROM unowned_document ORDER BY id LIMIT ?1", limit);
    while (rows.next() && rows.time(1) < before)
        found.push_back(rows.text(0));
    return found;
}

void forget_documents(Database& database, const std::vector<std::string>& documents) {
    for (const std::string& sha256 : documents)
        own_document(database, sha256);
}

void own_document(Database& database, const std::string& sha256) {
    database.execute("DELETE FROM unowned_document WHERE sha256 = ?1", sha256);
}

}  // namespace signwatch::sqlite
