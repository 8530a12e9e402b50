#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/state/sqlite/database.hpp"

namespace signwatch::sqlite {

/// An account as a small number, which keeps the rows of many watches narrow.
using AccountId = std::int64_t;

/// nullopt: nothing was ever recorded for an account of that name.
std::optional<AccountId> find_account(Database& database, const std::string& name);
/// Gives the account its number if it has none. Inside a transaction.
AccountId ensure_account(Database& database, const std::string& name);

}  // namespace signwatch::sqlite
