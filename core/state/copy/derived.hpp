#pragma once

#include <functional>

#include "core/domain/time.hpp"
#include "core/state/postgres/database.hpp"

namespace signwatch::copy {

/// Makes of the rows that have come what is not copied: sequences, counts, what budgets share of their last minute, and
/// the timeline, which goes on where `schedule_now` is. Once, in a transaction of the caller's.
void derive(postgres::Database& database, const std::function<WallTime()>& schedule_now);

}  // namespace signwatch::copy
