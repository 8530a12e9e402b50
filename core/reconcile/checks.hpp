#pragma once

#include <vector>

#include "core/ports/state_view.hpp"
#include "core/reconcile/reconciler.hpp"

/// The parts of a run, one for each thing that is compared. Each throws Error when it cannot go on.
namespace signwatch::reconcile {

/// Rows of documents against the store and back: two sorted lists, side by side.
Task<void> check_documents(Run& run);

/// The outbox against the stream.
Task<void> check_events(Run& run);

/// Updates that lack documents, or do not move.
Task<void> check_updates(Run& run);

/// Watches that have lost their place in the schedule, or do not move.
Task<void> check_schedule(Run& run);

/// Processes that go on unwatched.
Task<void> check_processes(Run& run);

/// Calls counted against the limits.
Task<void> check_budgets(Run& run);

/// The same, of the budgets as they stand in the record. Pure.
std::vector<Divergence> exceeded_budgets(const std::vector<BudgetRow>& budgets,
                                         const std::map<std::string, AccountTerms>& accounts,
                                         WallTime now);

/// Orders that an update's documents are fetched again, if its provider still has them.
struct FetchAgain {
    std::string account;
    UpdateId update = 0;
    Stage stage = Stage::received;
    std::string acknowledgement;
};
/// Gives what became of it; adds to `detail` why it is impossible.
Task<Remedy> fetch_again(Run& run, FetchAgain lost, std::string& detail);

/// When a watch that comes back into the schedule may be looked at: a queue not before the longest wait that its
/// provider may have asked for.
WallTime first_look(const Run& run, const AccountTerms& terms, WatchKind kind);

}  // namespace signwatch::reconcile
