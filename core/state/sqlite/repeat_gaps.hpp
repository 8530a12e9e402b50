#pragma once

#include <cstddef>
#include <optional>

#include "core/domain/watch.hpp"
#include "core/state/sqlite/accounts.hpp"

/// The time before which a watch must not be looked at again, whoever wants to know. Only accounts with a repeat gap
/// have rows here, and only they pay for it.
namespace signwatch::sqlite {

void keep_away(Database& database, WatchId watch, WallTime until);
/// The same, but never shorter than before.
void keep_away_longer(Database& database, WatchId watch, WallTime until);

/// Regular rows among the account's first `limit` due ones that must wait are moved to when they may be looked at,
/// until those that are due may all be.
void move_repeats(Database& database, AccountId account, WallTime now, std::size_t limit);

}  // namespace signwatch::sqlite
