#include "core/state/postgres/record_audit.hpp"

#include "core/state/shared/record_checks.hpp"

namespace signwatch::postgres {

// The faults are numbered as in UpdateFault.
AuditPage<FaultyUpdate> faulty_updates(Database& database, UpdateId after, std::size_t span, WallTime overdue_before) {
    auto page = state::page_after<FaultyUpdate>(database, "SELECT MAX(id) FROM status_update", after, span);
    Rows rows = database.query(
        "SELECT * FROM (SELECT u.id, p.provider, a.name, p.process_id, u.stage, u.acknowledgement, CASE"
        " WHEN u.stage IN ('committed', 'acknowledged') AND u.documents <> '[]' AND EXISTS"
        " (SELECT 1 FROM json_array_elements(u.documents::json) w WHERE NOT EXISTS (SELECT 1 FROM document d"
        " WHERE d.process_id = u.process_id AND d.update_id = u.id AND d.kind = w.value ->> 'kind'"
        " AND d.participant = (w.value ->> 'participant')::integer"
        " AND d.part = COALESCE((w.value ->> 'part')::integer, 0))) THEN 0"
        " WHEN u.stage IN ('committed', 'acknowledged') AND u.state = 'completed'"
        " AND NOT EXISTS (SELECT 1 FROM document d WHERE d.process_id = u.process_id) THEN 1"
        " WHEN u.stage = 'received' AND u.next_attempt_at IS NULL THEN 2"
        " WHEN u.stage = 'received' AND u.waiting AND NOT EXISTS (SELECT 1 FROM status_update o"
        " WHERE o.process_id = u.process_id AND o.id < u.id AND o.stage = 'received') THEN 2"
        " WHEN u.stage = 'committed' AND u.acknowledgement = 'pending' AND u.next_attempt_at IS NULL THEN 2"
        " WHEN u.next_attempt_at < $3 AND NOT u.waiting THEN 3 END AS fault"
        " FROM status_update u JOIN process p ON p.id = u.process_id JOIN account a ON a.id = u.account_id"
        " WHERE u.id > $1 AND u.id <= $2) f WHERE f.fault IS NOT NULL ORDER BY f.id",
        after,
        page.next,
        overdue_before);
    while (rows.next())
        page.rows.push_back(state::read_fault(rows));
    return page;
}

AuditPage<PlacedWatch> unscheduled_watches(Database& database, WatchId after, std::size_t span) {
    auto page = state::page_after<PlacedWatch>(database, "SELECT MAX(id) FROM watch", after, span);
    Rows rows = database.query(
        "SELECT w.id, a.name, w.kind, w.target FROM watch w JOIN account a ON a.id = w.account_id"
        " WHERE w.id > $1 AND w.id <= $2 AND w.rests = '' AND w.retired_until IS NULL AND NOT EXISTS"
        " (SELECT 1 FROM due_watch d WHERE d.watch_id = w.id) ORDER BY w.id",
        after,
        page.next);
    while (rows.next())
        page.rows.push_back({rows.integer(0), state::read_key(rows, 1), WallTime{}});
    return page;
}

std::vector<PlacedWatch> scheduled_watches(Database& database,
                                           const std::string& account,
                                           WallTime due_at,
                                           WatchId watch,
                                           WallTime before,
                                           std::size_t limit) {
    std::vector<PlacedWatch> found;
    Rows rows = database.query(
        "SELECT w.id, a.name, w.kind, w.target, d.due_at FROM account a JOIN due_watch d ON d.account_id = a.id"
        " JOIN watch w ON w.id = d.watch_id WHERE a.name = $1 AND (d.due_at, d.watch_id) > ($2, $3) AND d.due_at < $4"
        " AND a.not_before < $4 AND w.rests = '' ORDER BY d.due_at, d.watch_id LIMIT $5",
        account,
        due_at,
        watch,
        before,
        limit);
    while (rows.next())
        found.push_back({rows.integer(0), state::read_key(rows, 1), rows.time(4)});
    return found;
}

}  // namespace signwatch::postgres
