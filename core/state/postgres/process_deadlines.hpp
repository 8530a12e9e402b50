#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/ports/state_store.hpp"
#include "core/state/postgres/database.hpp"

/// Callers' own deadlines for their processes.
namespace signwatch::postgres {

/// Takes the place of the one before; one that was reported is forgotten, and the process is reported on again.
void set_deadline(Database& database, std::int64_t process, std::optional<WallTime> deadline);

std::vector<PassedDeadline> passed_deadlines(Database& database,
                                             const std::vector<std::string>& accounts,
                                             WallTime now,
                                             std::size_t limit);
void end_deadline(Database& database, std::int64_t process);
/// Of a process that goes on after its end, unless it was reported.
void resume_deadline(Database& database, std::int64_t process);
std::optional<WallTime> next_deadline(Database& database, const std::vector<std::string>& accounts);

}  // namespace signwatch::postgres
