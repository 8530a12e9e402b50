#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/ports/record_audit.hpp"
#include "core/state/sqlite/database.hpp"

/// The pages of RecordAudit that this store reads in its own words; each one statement, and so one consistent look.
namespace signwatch::sqlite {

AuditPage<FaultyUpdate> faulty_updates(Database& database, UpdateId after, std::size_t span, WallTime overdue_before);
AuditPage<PlacedWatch> unscheduled_watches(Database& database, WatchId after, std::size_t span);
std::vector<PlacedWatch> scheduled_watches(
    Database& database, const std::string& account, WallTime due_at, WatchId watch, WallTime before, std::size_t limit);

}  // namespace signwatch::sqlite
