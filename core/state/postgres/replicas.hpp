#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "core/domain/time.hpp"
#include "core/state/postgres/database.hpp"

/// Who is alive, and what the living share. A member is alive as long as its row is there; it may act until its lease
/// ends; and its row can only be removed after that, and not while a transaction of it is open. All by the database's
/// clock.
namespace signwatch::postgres {

/// A row of our own under a new token; `former` (0: none) and all whose lease has ended are gone, and what they held is
/// free. Throws Error(permanent, "store_incomplete") where a record is still on its way to.
std::int64_t join_fleet(Database& database, std::int64_t former, milliseconds lease);
/// The same for a daemon that has just started, in a transaction of its own.
std::int64_t begin_membership(Database& database, milliseconds lease);
/// False: the lease has ended.
bool extend_lease(Database& database, std::int64_t token, milliseconds lease);
/// Removes those whose lease has ended.
void bury_the_dead(Database& database);
void leave_fleet(Database& database, std::int64_t token);
bool take_office(Database& database, std::int64_t token, const std::string& office);

/// StateStore::timeline. nullopt if the answer took too long to tell the time by.
std::optional<milliseconds> shared_timeline(Database& database, milliseconds ours, bool synchronised);

}  // namespace signwatch::postgres
