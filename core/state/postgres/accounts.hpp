#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/state/postgres/database.hpp"

namespace signwatch::postgres {

/// An account as a small number, which keeps the rows of many watches narrow.
using AccountId = std::int64_t;

/// nullopt: nothing was ever recorded for an account of that name.
std::optional<AccountId> find_account(Database& database, const std::string& name);
/// Gives the account its number if it has none.
AccountId ensure_account(Database& database, const std::string& name);

/// SQL that is true while a replica other than $me, and still alive, is the holder.
#define SIGNWATCH_HELD_BY_ANOTHER(holder, me)                     \
    "(" holder " IS NOT NULL AND " holder " IS DISTINCT FROM " me \
    " AND EXISTS (SELECT 1 FROM replica r WHERE r.token = " holder "))"

/// Error(cancelled, "lease_lost"): another replica has taken over what this call is about.
[[noreturn]] void throw_taken_over();

}  // namespace signwatch::postgres
