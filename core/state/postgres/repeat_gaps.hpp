#pragma once

#include <vector>

#include "core/ports/state_store.hpp"
#include "core/state/postgres/accounts.hpp"
#include "core/state/postgres/hurried_watches.hpp"

/// What must not be asked again too soon, in its turn or out of it.
namespace signwatch::postgres {

/// From now on the watch is not looked at before `until`.
void keep_away(Database& database, WatchId watch, WallTime until);

/// The same, but never shorter than before.
void keep_away_longer(Database& database, WatchId watch, WallTime until);

/// Until the transaction ends no other replica claims watches of these accounts: it could not see yet who is kept away.
void claim_alone(Database& database, const std::vector<std::string>& accounts);

/// Nobody asks about these processes again before their answer, or as long as one may take.
void keep_repeats_away(Database& database, const ClaimWatches& claim, const std::vector<Claimed>& claimed);

/// Moves watches of these accounts that are due, but too soon after their last look, to when they may be looked at.
void move_repeats(Database& database, const std::vector<std::string>& accounts, WallTime now);

}  // namespace signwatch::postgres
