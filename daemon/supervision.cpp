#include "daemon/supervision.hpp"

#include <algorithm>
#include <cstdlib>
#include <unistd.h>

namespace signwatch::daemon {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Silence after which a part counts as stuck. Loops look round at least every half minute, chores every few seconds.
constexpr milliseconds loop_budget = seconds{5};
constexpr milliseconds store_budget = seconds{45};
constexpr milliseconds pipeline_budget = seconds{90};
constexpr milliseconds relay_budget = seconds{60};

constexpr milliseconds longest_interval = seconds{1};

// The service manager wants to hear of us well within its time.
milliseconds interval_for(std::optional<std::chrono::microseconds> timeout) {
    return timeout ? std::min(duration_cast<milliseconds>(*timeout) / 3, longest_interval) : longest_interval;
}

}  // namespace

Task<void> Supervision::run() {
    const auto timeout =
        notify::watchdog_timeout(std::getenv("WATCHDOG_USEC"), std::getenv("WATCHDOG_PID"), ::getpid());
    const milliseconds interval = interval_for(timeout);
    const auto now = parts_.clock.steady_now();
    watchdog_.watch("event loop", loop_budget, now);
    watchdog_.watch("store", store_budget, now);
    watchdog_.watch("polling", pipeline_budget, now);
    watchdog_.watch("relay", relay_budget, now);
    while (!stopping_) {
        const WallTime due = parts_.clock.schedule_now() + interval;
        co_await parts_.clock.sleep_until(due, wake_);
        parts_.metrics.observe_event_loop_lag(telemetry::Metrics::Seconds(parts_.clock.schedule_now() - due));
        beat_hearts();
        describe_providers();
        report_stall();
    }
}

void Supervision::stop() {
    stopping_ = true;
    wake_.set();
}

void Supervision::forget_account(const std::string& name) {
    parts_.health.forget("provider/" + name);
    parts_.health.forget("budget/" + name);
}

void Supervision::beat_hearts() {
    const auto steady = parts_.clock.steady_now();
    const WallTime now = parts_.clock.schedule_now();
    watchdog_.beat("event loop", steady);
    watchdog_.beat("store", steady - (now - parts_.housekeeping.store_committed_at()));
    watchdog_.beat("polling", steady - (now - parts_.generation().last_round()));
    watchdog_.beat("relay", steady - (now - parts_.relay.last_round()));
}

void Supervision::report_stall() {
    const auto stall = watchdog_.stall(parts_.clock.steady_now());
    if (!stall) {
        parts_.health.pass("loops", "moving");
        parts_.notifier.ping();
        return;
    }
    parts_.health.degrade("loops", stall->name + " does not move");
    parts_.logger.error("a part does not move", {{"part", stall->name}, {"silent_ms", stall->silent.count()}});
}

// Shown in the readiness detail; a provider's outage is no reason to be unready.
void Supervision::describe_providers() {
    Generation& generation = parts_.generation();
    for (const auto& [name, account] : generation.accounts()) {
        const auto failure = generation.failing().find(name);
        if (failure == generation.failing().end())
            parts_.health.pass("provider/" + name, "answers");
        else
            parts_.health.degrade("provider/" + name, "the last poll failed: " + failure->second);
        describe_budget(name, account->budget().state());
    }
}

void Supervision::describe_budget(const std::string& account, const BudgetState& budget) {
    if (budget.stretch <= 1) {
        parts_.health.forget("budget/" + account);
        return;
    }
    const auto tenths = std::to_string(static_cast<int>(std::min(budget.stretch, 1e6) * 10));
    const auto times = tenths.substr(0, tenths.size() - 1) + "." + tenths.back();
    parts_.health.degrade("budget/" + account,
                          "looks are " + times +
                              " times as far apart as configured: the calls that the account may make pay for no more");
}

}  // namespace signwatch::daemon
