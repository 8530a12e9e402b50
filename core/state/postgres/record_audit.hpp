#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/ports/record_audit.hpp"
#include "core/state/postgres/database.hpp"

/// The pages that reconciliation reads; each one statement, and so one consistent look.
namespace signwatch::postgres {

std::vector<DocumentClaim> document_claims(Database& database,
                                           const std::string& sha256,
                                           std::int64_t row,
                                           std::size_t limit);
bool claims_document(Database& database, const std::string& sha256);
AuditPage<FaultyUpdate> faulty_updates(Database& database, UpdateId after, std::size_t span, WallTime overdue_before);
AuditPage<PlacedWatch> unscheduled_watches(Database& database, WatchId after, std::size_t span);
std::vector<PlacedWatch> scheduled_watches(
    Database& database, const std::string& account, WallTime due_at, WatchId watch, WallTime before, std::size_t limit);
AuditPage<LostProcess> lost_processes(Database& database, std::int64_t after, std::size_t span);

}  // namespace signwatch::postgres
