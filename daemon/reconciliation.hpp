#pragma once

#include <functional>

#include "core/ports/clock.hpp"
#include "core/reconcile/reconciler.hpp"
#include "core/telemetry/log.hpp"
#include "core/telemetry/metrics.hpp"
#include "daemon/adapters.hpp"
#include "daemon/generation.hpp"
#include "daemon/http/health.hpp"

namespace signwatch::daemon {

/// The scheduled reconciliation inside the daemon. When it ran last stands in the store, so restarts neither skip a run
/// nor begin one each. Event-loop thread; what it is given outlives it.
class Reconciliation {
public:
    /// `generation`: the accounts at work now.
    Reconciliation(Clock& clock,
                   Adapters& adapters,
                   telemetry::Metrics& metrics,
                   internal_http::Health& health,
                   telemetry::Logger logger,
                   std::function<Generation&()> generation);

    /// From now on, by these settings; a run under way ends by the old ones.
    void adopt(const config::ReconcileSettings& settings);

    Task<void> run();
    /// Ends run soon, also in the middle of one.
    void stop();

private:
    Task<void> run_once();
    reconcile::Order order();
    bool waits(const std::string& account);
    void tell(const reconcile::Report& report);

    Clock& clock_;
    Adapters& adapters_;
    telemetry::Metrics& metrics_;
    internal_http::Health& health_;
    telemetry::Logger logger_;
    std::function<Generation&()> generation_;
    config::ReconcileSettings settings_;
    Wake wake_;
    bool stopping_ = false;
};

}  // namespace signwatch::daemon
