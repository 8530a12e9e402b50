#include "core/state/sqlite/process_deadlines.hpp"

#include "core/domain/names.hpp"
#include "core/state/sqlite/update_rows.hpp"

namespace signwatch::sqlite {

void set_deadline(Database& database, std::int64_t process, std::optional<WallTime> deadline) {
    end_deadline(database, process);
    database.execute("UPDATE process SET deadline_at = ?2, deadline_reported = 0 WHERE id = ?1", process, deadline);
    // One that has ended needs none: what ends it is recorded with its watch, or by its state.
    database.execute(
        "INSERT INTO deadline SELECT account_id, deadline_at, id FROM process WHERE id = ?1 AND deadline_at IS NOT NULL"
        " AND state IN ('created', 'in_progress', 'unknown', 'expired')",
        process);
}

std::vector<PassedDeadline> passed_deadlines(Database& database,
                                             const std::vector<std::string>& accounts,
                                             WallTime now,
                                             std::size_t limit) {
    std::vector<PassedDeadline> passed;
    for (const std::string& account : accounts) {
        Rows rows = database.query(
            "SELECT p.id, p.provider, a.name, p.process_id, p.correlation_id, u.provider_status, p.participants, "
            "d.due_at"
            " FROM account a JOIN deadline d ON d.account_id = a.id JOIN process p ON p.id = d.process_id"
            " LEFT JOIN status_update u ON u.id = p.newest_committed"
            " WHERE a.name = ?1 AND d.due_at <= ?2 ORDER BY d.due_at LIMIT ?3",
            account,
            now,
            limit);
        while (rows.next() && passed.size() < limit) {
            PassedDeadline& each = passed.emplace_back();
            each.row = rows.integer(0);
            each.provider = from_name<ProviderKind>(rows.text(1)).value_or(ProviderKind::posten);
            each.account = rows.text(2);
            each.process_id = rows.text(3);
            each.correlation_id = rows.text(4);
            each.provider_status = rows.text(5);
            each.participants = decode_participants(rows.text(6));
            each.deadline = rows.time(7);
        }
    }
    return passed;
}

void end_deadline(Database& database, std::int64_t process) {
    database.execute(
        "DELETE FROM deadline WHERE (account_id, due_at, process_id) IN"
        " (SELECT account_id, deadline_at, id FROM process WHERE id = ?1 AND deadline_at IS NOT NULL)",
        process);
}

void resume_deadline(Database& database, std::int64_t process) {
    database.execute(
        "INSERT OR IGNORE INTO deadline SELECT account_id, deadline_at, id FROM process WHERE id = ?1"
        " AND deadline_at IS NOT NULL AND NOT deadline_reported",
        process);
}

std::optional<WallTime> next_deadline(Database& database, const std::vector<std::string>& accounts) {
    std::optional<WallTime> next;
    for (const std::string& account : accounts) {
        Rows rows = database.query(
            "SELECT d.due_at FROM account a JOIN deadline d ON d.account_id = a.id WHERE a.name = ?1"
            " ORDER BY d.due_at LIMIT 1",
            account);
        if (rows.next() && (!next || rows.time(0) < *next)) next = rows.time(0);
    }
    return next;
}

}  // namespace signwatch::sqlite
