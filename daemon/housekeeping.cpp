#include "daemon/housekeeping.hpp"

#include <filesystem>
#include <utility>

namespace signwatch::daemon {
namespace {

using std::chrono::duration_cast;
using std::chrono::hours;

using Seconds = telemetry::Metrics::Seconds;

// Each probe is a durable write: often enough to notice a full disk before the next document does, rarely enough to
// spare an idle one.
constexpr milliseconds probe_interval = std::chrono::seconds{10};

// However much there is to prune, the probes have their turn.
constexpr milliseconds longest_prune = std::chrono::seconds{2};
constexpr std::size_t documents_at_once = 50;

}  // namespace

Housekeeping::Housekeeping(const Clock& clock,
                           Adapters& adapters,
                           telemetry::Metrics& metrics,
                           internal_http::Health& health,
                           telemetry::Logger logger,
                           const config::Configuration& configuration)
    : clock_(clock),
      adapters_(adapters),
      metrics_(metrics),
      health_(health),
      logger_(std::move(logger)),
      store_directory_(configuration.store.directory),
      retention_(configuration.pipeline.retention),
      notification_retention_(configuration.pipeline.notification_retention),
      process_retention_(configuration.pipeline.process_retention),
      document_retention_(configuration.pipeline.document_retention),
      orphan_grace_(configuration.reconcile.orphan_grace) {}

Task<void> Housekeeping::round() {
    if (clock_.schedule_now() >= next_probe_) {
        next_probe_ = clock_.schedule_now() + probe_interval;
        co_await probe_store();
        co_await probe_documents();
    }
    co_await refresh_gauges();
    if (clock_.schedule_now() >= next_prune_) co_await prune();
    if (clock_.schedule_now() >= next_process_prune_) co_await prune_processes();
    describe_redis();
    logger_.log().report_suppressed();
}

Task<void> Housekeeping::probe_store() {
    const auto begun = clock_.steady_now();
    try {
        co_await adapters_.state->probe();
        store_committed_at_ = clock_.schedule_now();
        metrics_.observe_store_commit(clock_.steady_now() - begun);
        health_.pass("store", "commits");
    } catch (const Error& error) {
        health_.degrade("store", error.what());
    }
}

Task<void> Housekeeping::probe_documents() {
    try {
        co_await adapters_.documents.probe();
        health_.pass("documents", "writable");
    } catch (const Error& error) {
        health_.degrade("documents", error.what());
    }
}

Task<void> Housekeeping::refresh_gauges() {
    StateView& view = *adapters_.view;
    auto look = [&view] { return view.summary(); };
    try {
        const StoreSummary summary = co_await runtime::offload(adapters_.view_pool, look);
        metrics_.set_summary(summary);
    } catch (const Error& error) {
        logger_.warn("gauges cannot be refreshed", {{"code", error.code()}, {"error", error.what()}});
    }
    std::error_code ignored;
    const std::filesystem::space_info space = std::filesystem::space(store_directory_, ignored);
    if (!ignored) metrics_.set_store_free_bytes(space.available);
    metrics_.set_clock_offset(Seconds(clock_.now() - clock_.schedule_now()));
}

Task<void> Housekeeping::prune() {
    next_prune_ = clock_.schedule_now() + hours{1};
    try {
        const WallTime before = clock_.now() - retention_;
        std::size_t rows = co_await adapters_.state->prune(before);
        const WallTime known_since = clock_.now() - notification_retention_;
        const std::size_t known = co_await adapters_.state->prune_notifications(accounts_, known_since);
        rows += known;
        if (rows > 0) logger_.info("old rows pruned", {{"rows", rows}});
    } catch (const Error& error) {
        logger_.warn("pruning failed", {{"code", error.code()}, {"error", error.what()}});
    }
}

// What is left over goes on in the next round.
Task<void> Housekeeping::prune_processes() {
    const auto end = clock_.steady_now() + longest_prune;
    std::size_t processes = 0;
    PruneProcesses request;
    request.now = clock_.now();
    request.before = request.now - process_retention_;
    request.delivered_before = clock_.schedule_now() - process_retention_;
    PrunedProcesses step;
    step.all_seen = process_retention_ == milliseconds{0};
    try {
        while (!step.all_seen && clock_.steady_now() < end) {
            step = co_await adapters_.state->prune_processes(request);
            processes += step.processes;
        }
        if (step.all_seen) co_await remove_documents();
    } catch (const Error& error) {
        step.all_seen = true;
        logger_.warn("old processes cannot be removed", {{"code", error.code()}, {"error", error.what()}});
    }
    if (processes > 0) logger_.info("old processes removed from the record", {{"processes", processes}});
    if (step.all_seen) next_process_prune_ = clock_.schedule_now() + hours{1};
}

// The document first: if we end before the record has forgotten it, we come back to it.
Task<void> Housekeeping::remove_documents() {
    if (document_retention_ == milliseconds{0}) co_return;
    const auto end = clock_.steady_now() + longest_prune;
    const WallTime before = clock_.now() - document_retention_;
    const WallTime unused_since = clock_.now() - orphan_grace_;
    std::size_t removed = 0;
    bool more = true;
    while (more && clock_.steady_now() < end) {
        const std::vector<std::string> unowned = co_await adapters_.state->unowned_documents(before, documents_at_once);
        more = unowned.size() == documents_at_once;
        for (const std::string& sha256 : unowned)
            co_await adapters_.documents.remove_unused(sha256, unused_since);
        co_await adapters_.state->forget_documents(unowned);
        removed += unowned.size();
    }
    if (removed > 0) logger_.info("documents of no process removed", {{"documents", removed}});
}

void Housekeeping::describe_redis() {
    std::string away;
    for (const auto& [partition, reason] : adapters_.stream_states) {
        const std::string which = partition == undivided ? "" : "{" + std::to_string(partition) + "} ";
        if (!reason.empty()) away += (away.empty() ? ": " : ", ") + which + reason;
    }
    if (adapters_.streams_connected())
        health_.pass("redis", adapters_.stream_states.size() == 1 ? "connected" : "connected to every stream");
    else
        health_.degrade("redis", "not connected" + away + "; events wait in the outbox");
    if (!adapters_.commands) return;
    if (adapters_.command_trouble.empty())
        health_.pass("commands", "read");
    else
        health_.degrade("commands", "cannot be read: " + adapters_.command_trouble);
}

}  // namespace signwatch::daemon
