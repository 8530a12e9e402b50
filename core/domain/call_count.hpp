#pragma once

#include "core/domain/time.hpp"

namespace signwatch {

/// Over which span calls are added up: what is kept of a budget's past.
enum class CallSpan { minute, hour, day };

constexpr milliseconds length_of(CallSpan span) {
    using namespace std::chrono;
    return span == CallSpan::minute ? minutes{1} : span == CallSpan::hour ? hours{1} : hours{24};
}

/// How long the counts of a span are of use: minutes for an hour, hours for a day, days for a month.
constexpr milliseconds kept_for(CallSpan span) {
    using namespace std::chrono;
    return span == CallSpan::minute ? hours{2} : span == CallSpan::hour ? hours{26} : hours{24 * 33};
}

/// So many calls in the span that began then (schedule timeline, a multiple of the span).
struct CallCount {
    CallSpan span = CallSpan::minute;
    WallTime begin{};
    int calls = 0;
};

}  // namespace signwatch
