#include "providers/adobe_sign/pace.hpp"

#include <algorithm>

namespace signwatch::adobe_sign {
namespace {

using namespace std::chrono_literals;

constexpr int rarer_with_webhooks = 6;

milliseconds step_of(milliseconds age, const Pace& pace) {
    if (age < 1h) return pace.interval;
    if (age < 24h) return pace.second_step;
    if (age < 24h * 7) return 30min;
    if (age < 24h * 30) return 2h;
    return 6h;
}

}  // namespace

Pace pace_of_tier(const std::string& tier) {
    if (tier == "other") return {10min + 10s, 10min + 10s, 15min};
    return {21s, 60s, 5min};
}

milliseconds wait_of(const Watch& watch, WallTime now, const LookRhythm& rhythm, bool draft) {
    const Pace& pace = rhythm.pace;
    if (watch.interval) return std::max(*watch.interval, pace.gap);
    milliseconds wait = std::max(step_of(now - watch.since, pace), pace.interval);
    if (rhythm.webhooks_work) wait *= rarer_with_webhooks;
    if (draft) wait = std::max<milliseconds>(wait, 1h);
    return std::max(wait, pace.gap);
}

}  // namespace signwatch::adobe_sign
