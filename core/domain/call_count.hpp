#pragma once

#include "core/domain/time.hpp"

namespace signwatch {

/// Over which span calls are added up: what is kept of a budget's past.
enum class CallSpan { minute, hour, day };

/// So many calls in the span that began then (schedule timeline, a multiple of the span).
struct CallCount {
    CallSpan span = CallSpan::minute;
    WallTime begin{};
    int calls = 0;
};

}  // namespace signwatch
