#pragma once

#include <functional>
#include <map>
#include <string>

#include "core/ports/clock.hpp"
#include "core/ports/document_store.hpp"
#include "core/ports/event_stream.hpp"
#include "core/ports/provider.hpp"
#include "core/ports/state_store.hpp"
#include "core/ports/state_view.hpp"
#include "core/reconcile/report.hpp"
#include "core/runtime/offload.hpp"

namespace signwatch::reconcile {

/// What is compared; all outlive the reconciler.
struct Parts {
    Clock& clock;
    StateView& view;  ///< used on `view_pool` alone
    runtime::BlockingPool& view_pool;
    DocumentStore& documents;
    EventStreams* streams = nullptr;  ///< null: events are not compared
    StateStore* state = nullptr;      ///< null: nothing is repaired, and events are not compared
};

/// How a run goes about it.
struct Order {
    bool repair = false;
    /// A stored document without a row is left alone for this long: it may be about to get one.
    milliseconds orphan_grace{std::chrono::hours{24}};
    bool remove_orphans = true;          ///< false: repair leaves them, others may be putting them
    bool read_documents = true;          ///< false: sizes only
    std::uint64_t bytes_per_second = 0;  ///< of documents read; 0: as fast as the store gives them
    bool daemon_runs = true;             ///< false: it is no wonder that nothing moves
    std::map<std::string, AccountTerms> accounts;
    /// Whether an account waits for a good reason (provider down, budget spent); empty: none does.
    std::function<bool(const std::string& account)> waits;
    std::function<bool()> stopping;  ///< true: end soon, with what was found; empty: never
};

/// One run under way.
struct Run {
    const Parts& parts;
    const Order& order;
    Report& report;

    bool stopped() const { return order.stopping && order.stopping(); }
    /// Returns at `end` of the schedule timeline, or soon after it was told to stop.
    Task<void> rest_until(WallTime end) const;
    bool repairs() const { return order.repair && parts.state != nullptr; }
    /// Null: the account is not configured.
    const AccountTerms* terms_of(const std::string& account) const;
};

/// Compares the record with the documents, the stream, the schedule and the budgets, page by page: its memory does not
/// grow with any of them, and nothing is read for long. Repairs are orders to the parts that do the work anyway, so
/// they are right beside a running daemon and keep to its budgets. Event-loop thread.
class Reconciler {
public:
    Reconciler(Parts parts, Order order) : parts_(parts), order_(std::move(order)) {}

    /// One run. A part that cannot be reached is left out, and the report says so.
    Task<Report> run();

private:
    Task<void> check(Run& run, std::string what, Task<void> (*part)(Run&));

    Parts parts_;
    Order order_;
};

}  // namespace signwatch::reconcile
