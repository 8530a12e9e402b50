#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/ports/state_store.hpp"
#include "core/state/postgres/database.hpp"

/// Updates that did not come through at the first go.
namespace signwatch::postgres {

void defer_update(Database& database, const DeferUpdate& deferral);
std::size_t resume_unfinished(Database& database,
                              const std::vector<std::string>& accounts,
                              WallTime now,
                              milliseconds repeat_gap);
std::vector<PendingUpdate> claim_unfinished(Database& database,
                                            const std::vector<std::string>& accounts,
                                            WallTime now,
                                            WallTime lease_until,
                                            std::size_t limit);
std::optional<WallTime> next_unfinished(Database& database, const std::vector<std::string>& accounts);
/// After an update of the process has come back to stage received: only the oldest that is there has its turn.
void give_turns(Database& database, std::int64_t process);
std::size_t retry_parked(Database& database, const std::string& account, const std::string& process_id, WallTime now);

}  // namespace signwatch::postgres
