#pragma once

#include <optional>

#include "core/ports/call_journal.hpp"
#include "core/ports/provider.hpp"

namespace signwatch::pipeline {

/// By what a call is judged, beside what is shared.
struct CallTerms {
    CallLimits limits;
    int reserve = 0;          ///< of the month's calls, to be left over
    milliseconds gap{};       ///< between two calls
    milliseconds look_gap{};  ///< between two looks, while they are spread over the month
    bool look = false;
    WallTime held_until{};  ///< what we know of a block by the provider
};

/// `slot`: when the call may be made, and it is counted already; else how long to wait before asking again.
struct CallVerdict {
    std::optional<WallTime> slot;
    milliseconds wait{};
};

/// Judges one call by all calls that any daemon has made on the budget, and notes it. Pure.
CallVerdict judge_call(SharedCalls& calls, const CallTerms& terms, WallTime now);

}  // namespace signwatch::pipeline
