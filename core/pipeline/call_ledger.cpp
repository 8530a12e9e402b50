#include "core/pipeline/call_ledger.hpp"

#include <algorithm>

namespace signwatch::pipeline {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr milliseconds minute = minutes{1};
constexpr milliseconds hour = hours{1};
constexpr milliseconds day = hours{24};
constexpr milliseconds month = hours{24 * 31};

// Up to here every call is counted on its own: a small budget must not lose what was paid in advance and not used.
constexpr int slow_minute = 200;

WallTime begin_of(WallTime time, milliseconds span) {
    const std::int64_t ms = to_unix_ms(time);
    return from_unix_ms(ms - ms % span.count());
}

}  // namespace

CallLedger::CallLedger(CallLimits limits) : limits_(limits) {}

bool CallLedger::unlimited() const {
    return limits_.per_minute == 0 && limits_.per_hour == 0 && limits_.per_day == 0 && limits_.per_month == 0;
}

void CallLedger::load(const std::vector<CallCount>& counts, WallTime now) {
    for (const CallCount& each : counts) {
        Spans& spans = each.span == CallSpan::minute ? minutes_ : each.span == CallSpan::hour ? hours_ : days_;
        spans[each.begin] += each.calls;
        const WallTime end = std::min(each.begin + minute, now);
        if (each.span == CallSpan::minute && end > now - minute)
            last_minute_.insert(last_minute_.end(), static_cast<std::size_t>(each.calls), end);
    }
    std::sort(last_minute_.begin(), last_minute_.end());
}

std::vector<CallCount> CallLedger::add(WallTime now) {
    const WallTime this_minute = begin_of(now, minute);
    last_minute_.push_back(now);
    forget(now);
    if (paid_minute_ == this_minute && paid_ > 0) {
        --paid_;
        return {};
    }
    const int calls = 1 + std::max(0, minutes_[this_minute] - slow_minute) / 20;
    minutes_[this_minute] += calls;
    hours_[begin_of(now, hour)] += calls;
    days_[begin_of(now, day)] += calls;
    paid_minute_ = this_minute;
    paid_ = calls - 1;
    return {{CallSpan::minute, this_minute, calls},
            {CallSpan::hour, begin_of(now, hour), calls},
            {CallSpan::day, begin_of(now, day), calls}};
}

milliseconds CallLedger::wait(WallTime now, int reserve) const {
    milliseconds wait{0};
    if (limits_.per_minute > 0) {
        const auto limit = static_cast<std::size_t>(limits_.per_minute);
        if (last_minute_.size() >= limit) {
            const WallTime leaves = last_minute_[last_minute_.size() - limit] + minute + milliseconds{1};
            wait = std::max(wait, leaves - now);
        }
    }
    wait = std::max(wait, wait_in(minutes_, minute, hour, limits_.per_hour, now));
    wait = std::max(wait, wait_in(hours_, hour, day, limits_.per_day, now));
    if (limits_.per_month > 0) {
        const int limit = std::max(0, limits_.per_month - reserve);
        wait = std::max(wait, limit == 0 ? day : wait_in(days_, day, month, limit, now));
    }
    return wait;
}

int CallLedger::used_in_month(WallTime now) const {
    return used_in(days_, day, month, now);
}
int CallLedger::used_in_day(WallTime now) const {
    return used_in(hours_, hour, day, now);
}
int CallLedger::used_in_hour(WallTime now) const {
    return used_in(minutes_, minute, hour, now);
}

// A span counts until its last moment is out of the window.
int CallLedger::used_in(const Spans& spans, milliseconds span, milliseconds window, WallTime now) {
    int used = 0;
    for (auto each = spans.upper_bound(now - window - span); each != spans.end(); ++each)
        used += each->second;
    return used;
}

milliseconds CallLedger::wait_in(const Spans& spans, milliseconds span, milliseconds window, int limit, WallTime now) {
    if (limit <= 0) return milliseconds{0};
    int used = used_in(spans, span, window, now);
    for (auto each = spans.upper_bound(now - window - span); each != spans.end() && used >= limit; ++each) {
        used -= each->second;
        if (used < limit) return each->first + span + window - now;
    }
    return milliseconds{0};
}

void CallLedger::forget(WallTime now) {
    while (!last_minute_.empty() && last_minute_.front() <= now - minute)
        last_minute_.pop_front();
    minutes_.erase(minutes_.begin(), minutes_.lower_bound(now - hour - minute));
    hours_.erase(hours_.begin(), hours_.lower_bound(now - day - hour));
    days_.erase(days_.begin(), days_.lower_bound(now - month - day));
}

}  // namespace signwatch::pipeline
