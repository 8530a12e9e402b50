#include <algorithm>
#include <utility>

#include "core/reconcile/checks.hpp"

namespace signwatch::reconcile {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

// The whole schedule is read once for each page.
constexpr std::size_t watch_span = 250'000;
constexpr std::size_t process_span = 5'000;
constexpr std::size_t page_size = 500;

constexpr milliseconds patience = hours{1};

// What a watch that is late must have moved within; longer where calls are rarer.
constexpr milliseconds least_move = seconds{5};

// Longer than any wait that a provider, an interval or a budget can mean: twice what a budget stretches to, and no
// less than the longest interval there is.
milliseconds longest_wait(const AccountTerms& terms, std::size_t watches) {
    const auto over = [watches](milliseconds window, int calls) {
        return calls > 0 ? milliseconds{2 * window.count() * static_cast<std::int64_t>(watches) / calls}
                         : milliseconds{0};
    };
    return std::max({milliseconds{hours{24 * 45}},
                     over(hours{1}, terms.limits.per_hour),
                     over(hours{24}, terms.limits.per_day),
                     over(hours{24 * 31}, std::min(terms.limits.per_month, terms.limits.per_month / 2 + 1))});
}

Divergence divergence_of(const PlacedWatch& watch, Kind kind, std::string detail) {
    const std::string process = watch.key.kind == WatchKind::process ? watch.key.target : "";
    if (process.empty()) detail = "watch " + watch.key.target + ", " + detail;
    return {kind, watch.key.account, process, std::move(detail), Remedy::none};
}

Task<void> reschedule(Run& run, PlacedWatch watch) {
    Divergence divergence = divergence_of(watch, Kind::watch_unscheduled, "has no place in the schedule");
    const AccountTerms* const terms = run.terms_of(watch.key.account);
    if (run.repairs() && terms == nullptr) {
        divergence.remedy = Remedy::impossible;
        divergence.detail += "; the account is not configured";
    } else if (run.repairs()) {
        std::vector<WatchId> lost(1, watch.id);
        const WallTime due_at = first_look(run, *terms, watch.key.kind);
        co_await run.parts.state->reschedule_watches(std::move(lost), due_at);
        divergence.remedy = Remedy::done;
    }
    run.report.add(std::move(divergence));
}

Task<void> check_places(Run& run) {
    StateView& view = run.parts.view;
    AuditPage<PlacedWatch> page;
    while (!page.last && !run.stopped()) {
        auto look = [&view, after = page.next] { return view.unscheduled_watches(after, watch_span); };
        page = co_await runtime::offload(run.parts.view_pool, look);
        run.report.watches += watch_span;
        for (PlacedWatch& watch : page.rows)
            co_await reschedule(run, std::move(watch));
    }
}

Task<std::vector<PlacedWatch>> scheduled(
    Run& run, std::string account, const PlacedWatch& behind, WallTime before, std::size_t limit) {
    StateView& view = run.parts.view;
    auto look = [&view, account = std::move(account), due_at = behind.due_at, id = behind.id, before, limit] {
        return view.scheduled_watches(account, due_at, id, before, limit);
    };
    std::vector<PlacedWatch> found = co_await runtime::offload(run.parts.view_pool, look);
    co_return found;
}

Task<void> check_distance(Run& run, const AccountTerms& terms, std::size_t watches) {
    PlacedWatch behind;
    behind.due_at = run.parts.clock.schedule_now() + longest_wait(terms, watches);
    for (bool more = true; more && !run.stopped();) {
        std::vector<PlacedWatch> far = co_await scheduled(run, terms.account, behind, WallTime::max(), page_size);
        more = far.size() == page_size;
        for (const PlacedWatch& watch : far) {
            behind = watch;
            Divergence divergence = divergence_of(
                watch, Kind::watch_far, "due at " + std::to_string(to_unix_ms(watch.due_at)) + " ms of the schedule");
            if (run.repairs()) {
                const WallTime due_at = first_look(run, terms, watch.key.kind);
                co_await run.parts.state->move_watch(watch.id, watch.due_at, due_at);
                divergence.remedy = Remedy::done;
            }
            run.report.add(std::move(divergence));
        }
    }
}

// The most overdue watch is looked at next: when it stays where it is, none of the account's is looked at.
Task<void> check_movement(Run& run, const AccountTerms& terms) {
    if (!run.order.daemon_runs || (run.order.waits && run.order.waits(terms.account))) co_return;
    const WallTime late = run.parts.clock.schedule_now() - patience;
    const PlacedWatch first;
    const std::vector<PlacedWatch> before = co_await scheduled(run, terms.account, first, late, 1);
    if (before.empty()) co_return;
    const double pace = terms.calls_per_second > 0 ? 3'000 / terms.calls_per_second : 0;
    const WallTime again =
        run.parts.clock.schedule_now() + std::max(least_move, milliseconds{static_cast<std::int64_t>(pace)});
    co_await run.rest_until(again);
    if (run.stopped()) co_return;
    const std::vector<PlacedWatch> after = co_await scheduled(run, terms.account, first, late, 1);
    const bool moved =
        after.empty() || after.front().id != before.front().id || after.front().due_at != before.front().due_at;
    if (moved || (run.order.waits && run.order.waits(terms.account))) co_return;
    Divergence divergence =
        divergence_of(after.front(), Kind::watch_overdue, "is due, and no watch of the account is looked at");
    if (run.repairs()) {
        divergence.remedy = Remedy::impossible;
        divergence.detail += "; see signwatch status and the log";
    }
    run.report.add(std::move(divergence));
}

bool is_lost(const LostProcess& process, const AccountTerms* terms) {
    return terms != nullptr && (process.had_watch || terms->process_interval > milliseconds{0});
}

Task<void> report(Run& run, LostProcess process, const AccountTerms& terms) {
    Divergence divergence{Kind::process_lost, process.account, process.process_id, "", Remedy::none};
    divergence.detail = process.had_watch ? "has not ended, its watch has" : "has no watch";
    if (run.repairs()) {
        const WallTime due_at = first_look(run, terms, WatchKind::process);
        co_await run.parts.state->follow_again(process.account, process.process_id, due_at);
        divergence.remedy = Remedy::done;
    }
    run.report.add(std::move(divergence));
}

}  // namespace

WallTime first_look(const Run& run, const AccountTerms& terms, WatchKind kind) {
    const milliseconds wait = kind == WatchKind::process ? terms.repeat_gap : terms.unanswered_wait;
    return run.parts.clock.schedule_now() + wait;
}

Task<void> check_schedule(Run& run) {
    co_await check_places(run);
    StateView& view = run.parts.view;
    auto look = [&view] { return view.summary(); };
    const StoreSummary summary = co_await runtime::offload(run.parts.view_pool, look);
    for (const auto& [name, terms] : run.order.accounts) {
        if (run.stopped()) co_return;
        co_await check_distance(run, terms, summary.watches);
        co_await check_movement(run, terms);
    }
}

Task<void> check_processes(Run& run) {
    StateView& view = run.parts.view;
    AuditPage<LostProcess> page;
    while (!page.last && !run.stopped()) {
        auto look = [&view, after = page.next] { return view.lost_processes(after, process_span); };
        page = co_await runtime::offload(run.parts.view_pool, look);
        run.report.processes += process_span;
        for (LostProcess& process : page.rows) {
            const AccountTerms* const terms = run.terms_of(process.account);
            if (is_lost(process, terms)) co_await report(run, std::move(process), *terms);
        }
    }
}

}  // namespace signwatch::reconcile
