#include "core/reconcile/reconciler.hpp"

#include <algorithm>
#include <utility>

#include "core/domain/error.hpp"
#include "core/reconcile/checks.hpp"

namespace signwatch::reconcile {

const AccountTerms* Run::terms_of(const std::string& account) const {
    const auto found = order.accounts.find(account);
    return found == order.accounts.end() ? nullptr : &found->second;
}

Task<void> Run::rest_until(WallTime end) const {
    constexpr milliseconds longest_nap{500};
    Wake never;
    while (!stopped() && parts.clock.schedule_now() < end) {
        const WallTime next = std::min(end, parts.clock.schedule_now() + longest_nap);
        co_await parts.clock.sleep_until(next, never);
    }
}

Task<Report> Reconciler::run() {
    Report report;
    Run run{parts_, order_, report};
    const auto begun = parts_.clock.steady_now();
    // The schedule first: whether it moves is seen only by waiting, which the longer checks then do.
    co_await check(run, "updates", check_updates);
    co_await check(run, "schedule", check_schedule);
    co_await check(run, "processes", check_processes);
    co_await check(run, "budgets", check_budgets);
    co_await check(run, "events", check_events);
    co_await check(run, "documents", check_documents);
    report.duration = std::chrono::duration_cast<milliseconds>(parts_.clock.steady_now() - begun);
    co_return report;
}

Task<void> Reconciler::check(Run& run, std::string what, Task<void> (*part)(Run&)) {
    if (run.stopped()) {
        run.report.leave_out(what + ": stopped");
        co_return;
    }
    try {
        co_await part(run);
    } catch (const Error& error) {
        run.report.leave_out(what + ": " + error.code() + ", " + error.what());
    }
}

}  // namespace signwatch::reconcile
