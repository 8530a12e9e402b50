#pragma once

#include <string>
#include <vector>

#include "core/domain/call_count.hpp"
#include "core/state/sqlite/database.hpp"

/// The calls made on each budget.
namespace signwatch::sqlite {

std::vector<CallCount> call_counts(Database& database, const std::string& budget);
void count_calls(Database& database, const std::string& budget, const std::vector<CallCount>& calls, WallTime now);

}  // namespace signwatch::sqlite
