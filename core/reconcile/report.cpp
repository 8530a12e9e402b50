#include "core/reconcile/report.hpp"

#include <utility>

namespace signwatch::reconcile {
namespace {

constexpr std::array<std::string_view, kind_count> kinds{"document_missing",
                                                         "document_corrupt",
                                                         "document_orphaned",
                                                         "document_lacking",
                                                         "event_missing",
                                                         "event_unpublished",
                                                         "watch_unscheduled",
                                                         "watch_overdue",
                                                         "watch_far",
                                                         "process_lost",
                                                         "update_stopped",
                                                         "update_overdue",
                                                         "budget_exceeded"};
constexpr std::array<std::string_view, 4> remedies{"none", "done", "ordered", "impossible"};

}  // namespace

std::string_view name_of(Kind kind) {
    return kinds.at(static_cast<std::size_t>(kind));
}

std::string_view name_of(Remedy remedy) {
    return remedies.at(static_cast<std::size_t>(remedy));
}

void Report::add(Divergence divergence) {
    Tally& tally = tallies_.at(static_cast<std::size_t>(divergence.kind));
    ++tally.found;
    if (divergence.remedy == Remedy::done || divergence.remedy == Remedy::ordered) ++tally.mended;
    if (kept_.size() < most_kept) kept_.push_back(std::move(divergence));
}

std::size_t Report::found() const {
    std::size_t found = 0;
    for (const Tally& tally : tallies_)
        found += tally.found;
    return found;
}

std::size_t Report::open() const {
    std::size_t open = 0;
    for (const Tally& tally : tallies_)
        open += tally.found - tally.mended;
    return open;
}

}  // namespace signwatch::reconcile
