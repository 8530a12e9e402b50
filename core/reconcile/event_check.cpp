#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "core/ports/kept_layout.hpp"
#include "core/reconcile/checks.hpp"

namespace signwatch::reconcile {
namespace {

constexpr std::size_t page_size = 256;

// The relay tries again every few seconds, for as long as it takes.
constexpr milliseconds patience = std::chrono::minutes{15};

// "<provider>/<account>/<process id>", in which only the last may hold a slash.
Divergence divergence_of(const OutboxEvent& event, Kind kind) {
    const std::string& key = event.message.partition_key;
    const std::size_t account = std::min(key.size(), key.find('/') + 1);
    const std::size_t process = std::min(key.size(), key.find('/', account) + 1);
    const std::string name = process > account ? key.substr(account, process - account - 1) : "";
    return {kind, name, key.substr(process), "entry " + to_string(event.entry), Remedy::none};
}

// Those that their streams should hold and do not.
Task<std::vector<OutboxEvent>> missing_of(Run& run, const StreamLayout& layout, std::vector<OutboxEvent> events) {
    std::map<Partition, std::vector<OutboxEvent>> parts;
    for (const OutboxEvent& event : events)
        parts[layout.partition_of(event)].push_back(event);
    std::set<std::int64_t> rows;
    for (auto& [partition, part] : parts) {
        const std::vector<std::int64_t> some = co_await run.parts.streams->at(partition).missing(std::move(part));
        rows.insert(some.begin(), some.end());
    }
    std::erase_if(events, [&rows](const OutboxEvent& event) { return !rows.contains(event.row); });
    co_return events;
}

Task<void> report_missing(Run& run, std::vector<OutboxEvent> events) {
    for (const OutboxEvent& event : events) {
        Divergence divergence = divergence_of(event, Kind::event_missing);
        if (run.repairs()) divergence.remedy = Remedy::ordered;
        run.report.add(std::move(divergence));
    }
    if (run.repairs()) co_await run.parts.state->reopen_events(std::move(events));
}

// The number of streams may change meanwhile; what went by the new one is looked for again.
Task<void> compare(Run& run, StreamLayout& layout, std::vector<OutboxEvent> events) {
    run.report.events += events.size();
    std::vector<OutboxEvent> missing = co_await missing_of(run, layout, std::move(events));
    if (missing.empty()) co_return;
    layout = co_await read_layout(*run.parts.state);
    missing = co_await missing_of(run, layout, std::move(missing));
    if (!missing.empty()) co_await report_missing(run, std::move(missing));
}

Task<void> look_for_unpublished(Run& run) {
    StateView& view = run.parts.view;
    auto look = [&view] { return view.summary(); };
    const StoreSummary summary = co_await runtime::offload(run.parts.view_pool, look);
    if (!summary.oldest_unpublished || *summary.oldest_unpublished > run.parts.clock.now() - patience) co_return;
    Divergence divergence;
    divergence.kind = Kind::event_unpublished;
    divergence.detail = std::to_string(summary.outbox_depth) + " events wait, the oldest since " +
                        to_rfc3339(*summary.oldest_unpublished);
    if (run.repairs()) {
        divergence.remedy = Remedy::impossible;
        divergence.detail += "; they go out as soon as Redis takes them";
    }
    run.report.add(std::move(divergence));
}

}  // namespace

Task<void> check_events(Run& run) {
    if (run.order.daemon_runs) co_await look_for_unpublished(run);
    if (run.parts.streams == nullptr || run.parts.state == nullptr) {
        run.report.leave_out("events: no stream to compare with");
        co_return;
    }
    StreamLayout layout = co_await read_layout(*run.parts.state);
    StateView& view = run.parts.view;
    EntryId after;
    for (bool more = true; more && !run.stopped();) {
        auto look = [&view, after] { return view.events(after, page_size); };
        std::vector<EventRow> rows = co_await runtime::offload(run.parts.view_pool, look);
        more = rows.size() == page_size;
        if (!rows.empty()) after = rows.back().event.entry;
        std::vector<OutboxEvent> published;
        for (EventRow& row : rows)
            if (row.published) published.push_back(std::move(row.event));
        if (!published.empty()) co_await compare(run, layout, std::move(published));
    }
}

}  // namespace signwatch::reconcile
