#pragma once

#include <string>
#include <vector>

#include "core/ports/call_journal.hpp"
#include "core/state/postgres/database.hpp"

/// The calls made on each budget.
namespace signwatch::postgres {

std::vector<CallCount> call_counts(Database& database, const std::string& budget);
void count_calls(Database& database, const std::string& budget, const std::vector<CallCount>& calls, WallTime now);
SharedCalls decide_call(Database& database, const std::string& budget, const CallJudge& judge, WallTime now);

}  // namespace signwatch::postgres
