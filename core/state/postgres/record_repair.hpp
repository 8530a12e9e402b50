#pragma once

#include <string>
#include <vector>

#include "core/ports/record_repair.hpp"
#include "core/state/postgres/database.hpp"

/// What reconciliation mends; each makes sure first that the rows are still as they were reported.
namespace signwatch::postgres {

bool fetch_again(Database& database, UpdateId id, bool whole, WallTime now);
bool resume_update(Database& database, UpdateId id, WallTime now);
std::size_t reschedule_watches(Database& database, const std::vector<WatchId>& watches, WallTime due_at);
bool move_watch(Database& database, WatchId watch, WallTime stands_at, WallTime due_at);
bool follow_again(Database& database, const std::string& account, const std::string& process_id, WallTime due_at);

}  // namespace signwatch::postgres
