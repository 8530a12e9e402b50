#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/domain/call_count.hpp"
#include "core/ports/task.hpp"

namespace signwatch {

/// What all daemons that call on one budget know of it together (schedule timeline).
struct SharedCalls {
    std::vector<CallCount> counts;
    std::vector<WallTime> recent;  ///< each call of the last minute, where the budget has a limit by the minute
    WallTime next_call{};          ///< no call before: the even gap
    WallTime last_look{};
    WallTime held_until{};  ///< the provider has blocked us
};

/// Decides on a call, and what is known of the budget from then on. Pure function; runs on the store's thread inside
/// the transaction.
using CallJudge = std::function<void(SharedCalls&)>;

/// Calls of several daemons on the same budgets.
class SharedBudgets {
public:
    virtual ~SharedBudgets() = default;

    /// Lets `judge` decide while nobody else can, makes the outcome durable and gives it.
    virtual Task<SharedCalls> decide(std::string budget, CallJudge judge, WallTime now) = 0;
};

/// The durable memory of calls made, by budget. Part of every StateStore; same errors, same thread.
class CallJournal {
public:
    virtual ~CallJournal() = default;

    virtual Task<std::vector<CallCount>> call_counts(std::string budget) = 0;
    /// Adds calls that are about to be made, and forgets those of no use any more.
    virtual Task<void> count_calls(std::string budget, std::vector<CallCount> calls, WallTime now) = 0;

    /// Null: no other daemon calls on these budgets.
    virtual SharedBudgets* shared_budgets() { return nullptr; }
};

}  // namespace signwatch
