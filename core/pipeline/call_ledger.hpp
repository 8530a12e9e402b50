#pragma once

#include <deque>
#include <map>
#include <vector>

#include "core/domain/call_count.hpp"
#include "core/ports/provider.hpp"

namespace signwatch::pipeline {

/// The calls of one budget over the last minute, hour, day and 31 days, and whether one more fits. Nobody publishes
/// when a provider's hour or month begins, so every stretch of that length is kept within the limit. What is older than
/// a minute is known to the minute, hour or day in which it happened, and counts until all of that is out of the
/// stretch: never too many, at times a little fewer. Pure values.
class CallLedger {
public:
    explicit CallLedger(CallLimits limits);

    void set_limits(CallLimits limits) { limits_ = limits; }
    const CallLimits& limits() const { return limits_; }
    bool unlimited() const;

    /// What the store knew: calls of the last minute are taken for calls at its end.
    void load(const std::vector<CallCount>& counts, WallTime now);

    /// The calls of the last minute, to the moment: instead of what the counts of minutes say about them.
    void recall(const std::vector<WallTime>& recent) { last_minute_.assign(recent.begin(), recent.end()); }

    /// Notes one call, and gives what has to be kept before it is made: nothing while calls are paid for in advance. In
    /// a busy minute a twentieth of its calls is, for the rest of that minute.
    std::vector<CallCount> add(WallTime now);

    /// How long until one more call fits, if `reserve` of the month's calls are to be left over; 0: now.
    milliseconds wait(WallTime now, int reserve) const;

    /// Calls in the 31 days, day and hour that end now.
    int used_in_month(WallTime now) const;
    int used_in_day(WallTime now) const;
    int used_in_hour(WallTime now) const;

private:
    using Spans = std::map<WallTime, int>;

    static milliseconds wait_in(const Spans& spans, milliseconds span, milliseconds window, int limit, WallTime now);
    static int used_in(const Spans& spans, milliseconds span, milliseconds window, WallTime now);
    void forget(WallTime now);

    CallLimits limits_;
    std::deque<WallTime> last_minute_;
    WallTime paid_minute_{};
    int paid_ = 0;  ///< calls of that minute that are counted already
    Spans minutes_;
    Spans hours_;
    Spans days_;
};

}  // namespace signwatch::pipeline
