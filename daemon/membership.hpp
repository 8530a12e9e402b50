#pragma once

#include <functional>

#include "core/ports/state_store.hpp"
#include "core/runtime/system_clock.hpp"
#include "core/telemetry/log.hpp"
#include "daemon/http/health.hpp"

namespace signwatch::daemon {

/// This daemon's part in a fleet: it keeps the lease alive and the clock on the timeline that all share. Alone, the
/// timeline is anchored to this machine's boot and there is nothing to keep. Event-loop thread; what it is given
/// outlives it.
class Membership {
public:
    /// `on_lost`: the lease has ended; what is in hand can only fail now, and `rejoin` is due.
    Membership(runtime::SystemClock& clock,
               StateStore& state,
               internal_http::Health& health,
               telemetry::Logger logger,
               std::function<void()> on_lost);

    /// Before anything is scheduled.
    Task<void> adopt_timeline();
    /// Runs until stop(); returns at once if we are alone.
    Task<void> run();
    void stop();

    /// Returns when we are a member again, under a new token, or stopping. Before, nothing of ours may be in hand.
    Task<void> rejoin();

private:
    Task<void> keep();
    Task<bool> try_to_join();

    runtime::SystemClock& clock_;
    StateStore& state_;
    internal_http::Health& health_;
    telemetry::Logger logger_;
    std::function<void()> on_lost_;
    Wake wake_;
    bool synchronised_ = false;
    bool lost_ = false;
    bool stopping_ = false;
};

}  // namespace signwatch::daemon
