#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/state/sqlite/database.hpp"

namespace signwatch::sqlite {

using AccountId = std::int64_t;

std::optional<AccountId> find_account(Database& database, const std::string& name);
AccountId ensure_account(Database& database, const std::string& name);

}  // namespace signwatch::sqlite
