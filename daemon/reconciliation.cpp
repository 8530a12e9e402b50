#include "daemon/reconciliation.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace signwatch::daemon {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr const char* keepsake = "reconciled_at";
constexpr milliseconds first_rest = minutes{1};
constexpr milliseconds longest_rest = hours{1};
constexpr std::size_t most_logged = 20;

WallTime read_time(const std::string& text) {
    std::int64_t ms = 0;
    std::from_chars(text.data(), text.data() + text.size(), ms);
    return from_unix_ms(ms);
}

}  // namespace

Reconciliation::Reconciliation(Clock& clock,
                               Adapters& adapters,
                               telemetry::Metrics& metrics,
                               internal_http::Health& health,
                               telemetry::Logger logger,
                               std::function<Generation&()> generation)
    : clock_(clock),
      adapters_(adapters),
      metrics_(metrics),
      health_(health),
      logger_(std::move(logger)),
      generation_(std::move(generation)) {
    for (std::size_t i = 0; i < reconcile::kind_count; ++i)
        metrics_.reconciliation_found(name_of(static_cast<reconcile::Kind>(i)), 0);
}

void Reconciliation::adopt(const config::ReconcileSettings& settings) {
    settings_ = settings;
    wake_.set();
}

void Reconciliation::stop() {
    stopping_ = true;
    wake_.set();
}

Task<void> Reconciliation::run() {
    const WallTime begun = clock_.schedule_now();
    const std::string never_yet = "0";
    const std::string kept = co_await adapters_.state->remember(keepsake, never_yet);
    WallTime last = std::min(read_time(kept), begun);
    while (!stopping_) {
        const WallTime now = clock_.schedule_now();
        const milliseconds interval = settings_.interval;
        const bool on = interval > milliseconds{0};
        const WallTime due = std::max(begun + std::min(first_rest, interval), last + interval);
        if (on && due <= now) {
            co_await run_once();
            last = clock_.schedule_now();
        }
        const WallTime next = on ? std::max(due, last + interval) : now + longest_rest;
        const WallTime until = std::min(next, now + longest_rest);
        if (!stopping_) co_await clock_.sleep_until(until, wake_);
    }
}

Task<void> Reconciliation::run_once() {
    const reconcile::Parts parts{clock_,
                                 *adapters_.audit_view,
                                 adapters_.audit_pool,
                                 adapters_.documents,
                                 adapters_.streams.get(),
                                 adapters_.state.get()};
    reconcile::Reconciler reconciler(parts, order());
    try {
        const reconcile::Report report = co_await reconciler.run();
        if (stopping_) co_return;
        tell(report);
        std::string at = std::to_string(to_unix_ms(clock_.schedule_now()));
        co_await adapters_.state->replace(keepsake, std::move(at));
    } catch (const Error& error) {
        logger_.warn("reconciliation failed", {{"code", error.code()}, {"error", error.what()}});
    }
}

reconcile::Order Reconciliation::order() {
    reconcile::Order order;
    order.repair = settings_.repair;
    order.orphan_grace = settings_.orphan_grace;
    order.read_documents = settings_.read_documents;
    order.bytes_per_second = settings_.bytes_per_second;
    // A bucket cannot say whether another daemon is just putting the same document.
    order.remove_orphans = adapters_.lock || !adapters_.document_place.bucket;
    for (const auto& [name, account] : generation_().accounts())
        order.accounts.emplace(name, account->terms());
    order.waits = [this](const std::string& account) { return waits(account); };
    order.stopping = [this] { return stopping_; };
    return order;
}

bool Reconciliation::waits(const std::string& account) {
    const auto found = generation_().accounts().find(account);
    if (found == generation_().accounts().end()) return true;
    return found->second->breaker().open() || generation_().failing().contains(account) ||
           found->second->budget().closed(pipeline::CallPurpose::look) > milliseconds{0};
}

void Reconciliation::tell(const reconcile::Report& report) {
    for (std::size_t i = 0; i < reconcile::kind_count; ++i) {
        const auto kind = static_cast<reconcile::Kind>(i);
        metrics_.reconciliation_found(name_of(kind), report.tally(kind).found);
    }
    metrics_.reconciliation_finished(clock_.now(), report.duration, report.open());
    std::size_t logged = 0;
    for (const reconcile::Divergence& each : report.divergences()) {
        if (++logged > most_logged) break;
        logger_.warn("reconciliation found a divergence",
                     {{"kind", name_of(each.kind)},
                      {"account", each.account},
                      {"process", each.process_id},
                      {"remedy", name_of(each.remedy)},
                      {"detail", each.detail}});
    }
    for (const std::string& what : report.left_out())
        logger_.warn("reconciliation left something out", {{"what", what}});
    logger_.info("reconciled",
                 {{"found", report.found()},
                  {"open", report.open()},
                  {"documents", report.documents},
                  {"events", report.events},
                  {"duration_ms", report.duration.count()}});
    if (report.open() == 0)
        health_.pass("reconciliation", "the last run found nothing that is still open");
    else
        health_.degrade("reconciliation",
                        std::to_string(report.open()) + " divergences are open: see signwatch reconcile");
}

}  // namespace signwatch::daemon
