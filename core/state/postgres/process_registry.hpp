#pragma once

#include <string>
#include <vector>

#include "core/ports/state_store.hpp"
#include "core/state/postgres/database.hpp"

/// Processes that callers have named, and what is ordered for them.
namespace signwatch::postgres {

std::vector<RegisterResult> register_processes(Database& database,
                                               const std::vector<Registration>& registrations,
                                               const FirstLooks& looks,
                                               WallTime now);

HintCounts hint_processes(Database& database, const HintProcesses& request);

OrderOutcome order_process(Database& database,
                           const std::string& account,
                           const std::string& process_id,
                           ProcessOrder order,
                           WallTime schedule_now);

}  // namespace signwatch::postgres
