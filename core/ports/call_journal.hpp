#pragma once

#include <string>
#include <vector>

#include "core/domain/call_count.hpp"
#include "core/ports/task.hpp"

namespace signwatch {

/// The durable memory of calls made, by budget. Part of every StateStore; same errors, same thread.
class CallJournal {
public:
    virtual ~CallJournal() = default;

    virtual Task<std::vector<CallCount>> call_counts(std::string budget) = 0;
    /// Adds calls that are about to be made, and forgets those of no use any more.
    virtual Task<void> count_calls(std::string budget, std::vector<CallCount> calls, WallTime now) = 0;
};

}  // namespace signwatch
