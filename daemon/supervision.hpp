#pragma once

#include <functional>
#include <string>

#include "core/pipeline/outbox_relay.hpp"
#include "core/ports/clock.hpp"
#include "core/telemetry/log.hpp"
#include "core/telemetry/metrics.hpp"
#include "daemon/generation.hpp"
#include "daemon/housekeeping.hpp"
#include "daemon/http/health.hpp"
#include "daemon/notify/notifier.hpp"
#include "daemon/notify/watchdog.hpp"

namespace signwatch::daemon {

/// Watches that every part of the daemon moves, tells the service manager so as long as they all do, and keeps the
/// readiness detail of the accounts true. Event-loop thread; what it is given outlives it.
class Supervision {
public:
    struct Parts {
        Clock& clock;
        telemetry::Metrics& metrics;
        internal_http::Health& health;
        notify::Notifier& notifier;
        const telemetry::Logger& logger;
        const Housekeeping& housekeeping;
        const pipeline::OutboxRelay& relay;
        std::function<Generation&()> generation;  ///< the accounts at work now
    };
    explicit Supervision(Parts parts) : parts_(std::move(parts)) {}

    Task<void> run();
    /// Ends run soon.
    void stop();

    /// The account is not served any more.
    void forget_account(const std::string& name);

private:
    void beat_hearts();
    void describe_providers();
    void describe_budget(const std::string& account, const BudgetState& budget);
    void report_stall();

    Parts parts_;
    notify::Watchdog watchdog_;
    Wake wake_;
    bool stopping_ = false;
};

}  // namespace signwatch::daemon
