#include "daemon/cli/reconcile_run.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "core/http/client_factory.hpp"
#include "core/reconcile/reconciler.hpp"
#include "core/runtime/system_clock.hpp"
#include "daemon/cli/blocking.hpp"
#include "daemon/cli/redis_settings.hpp"
#include "daemon/cli/state_backend.hpp"
#include "daemon/documents/open_documents.hpp"

namespace signwatch::cli {
namespace {

reconcile::Order order_for(const ReconcileWork& work) {
    reconcile::Order order;
    order.repair = work.repair;
    order.orphan_grace = work.configuration.reconcile.orphan_grace;
    order.read_documents = work.read_documents;
    order.daemon_runs = work.daemon_runs;
    // A bucket cannot say whether a daemon is just putting the same document.
    const bool others = work.daemon_runs || work.configuration.store.in_postgres;
    order.remove_orphans = !(others && work.configuration.documents.s3);
    for (const auto& account : work.configuration.accounts)
        order.accounts.emplace(account->terms().account, account->terms());
    order.waits = [waiting = work.waiting](const std::string& account) { return waiting.contains(account); };
    return order;
}

// On the daemon's own schedule timeline.
Task<reconcile::Report> reconcile_once(StateStore& state,
                                       runtime::SystemClock& clock,
                                       reconcile::Reconciler& reconciler) {
    co_await adopt_timeline(state, clock);
    co_return co_await reconciler.run();
}

}  // namespace

reconcile::Report run_reconciliation(const ReconcileWork& work) {
    const config::StoreSettings& place = work.configuration.store;
    NoProgress progress;
    boost::asio::io_context loop(1);
    runtime::SystemClock clock(loop.get_executor());
    runtime::BlockingPool view_pool(1);
    runtime::BlockingPool document_pool(1);
    const auto state = open_state(place, progress, Opener::command);
    const auto view = open_state_view(place);
    const auto http = http::make_client_factory(loop.get_executor());
    const auto documents = daemon::open_documents(
        loop.get_executor(), place, work.configuration.documents, *http, clock, document_pool, progress);
    const auto streams = redis::make_event_streams(loop.get_executor(), redis_settings(work.configuration.redis));
    const reconcile::Parts parts{clock, *view, view_pool, *documents.store, streams.get(), state.get()};
    reconcile::Reconciler reconciler(parts, order_for(work));
    auto report = boost::asio::co_spawn(loop, reconcile_once(*state, clock, reconciler), boost::asio::use_future);
    loop.run();
    return report.get();
}

}  // namespace signwatch::cli
