#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/ports/clock.hpp"
#include "core/telemetry/log.hpp"
#include "core/telemetry/metrics.hpp"
#include "daemon/adapters.hpp"
#include "daemon/http/health.hpp"

namespace signwatch::daemon {

/// The chores beside the line: probes of store and documents, gauges, retention. Event-loop thread; what it is given
/// outlives it.
class Housekeeping {
public:
    Housekeeping(const Clock& clock,
                 Adapters& adapters,
                 telemetry::Metrics& metrics,
                 internal_http::Health& health,
                 telemetry::Logger logger,
                 const config::Configuration& configuration);

    /// One round: every few seconds.
    Task<void> round();

    /// The accounts that are configured now: what is queued for others is forgotten in the end.
    void serve(std::vector<std::string> accounts) { accounts_ = std::move(accounts); }

    /// When the store last committed a probe (schedule timeline).
    WallTime store_committed_at() const { return store_committed_at_; }

private:
    Task<void> probe_store();
    Task<void> probe_documents();
    Task<void> refresh_gauges();
    Task<void> prune();
    Task<void> prune_processes();
    Task<void> remove_documents();
    void describe_redis();

    const Clock& clock_;
    Adapters& adapters_;
    telemetry::Metrics& metrics_;
    internal_http::Health& health_;
    telemetry::Logger logger_;
    std::string store_directory_;
    milliseconds retention_;
    milliseconds notification_retention_;
    milliseconds process_retention_;
    milliseconds document_retention_;
    milliseconds orphan_grace_;
    std::vector<std::string> accounts_;
    WallTime next_probe_{};
    WallTime next_prune_{};
    WallTime next_process_prune_{};
    WallTime store_committed_at_{};
};

}  // namespace signwatch::daemon
