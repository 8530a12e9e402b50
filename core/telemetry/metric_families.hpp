#pragma once

#include <map>
#include <string>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "core/telemetry/log.hpp"
#include "core/telemetry/metrics.hpp"

namespace signwatch::telemetry {

/// Upper bounds in seconds for calls to a provider and for how late they were.
prometheus::Histogram::BucketBoundaries call_buckets();

/// The names, the help texts and the registered families behind Metrics; documented where they are registered.
struct Metrics::Families {
    using Counters = prometheus::Family<prometheus::Counter>;
    using Gauges = prometheus::Family<prometheus::Gauge>;
    using Histograms = prometheus::Family<prometheus::Histogram>;

    explicit Families(const Log& counted_log);

    /// The provider_up series of an account.
    prometheus::Gauge& up(const std::string& account);
    std::string provider_of(const std::string& account) const;

    const Log& log;
    prometheus::Registry registry;
    std::map<std::string, std::string> provider_names;  ///< by account

    Gauges& build_info;
    prometheus::Gauge& config_successful;
    prometheus::Gauge& config_timestamp;
    prometheus::Gauge& config_hash;

    Counters& admin_requests;
    prometheus::Gauge& inbound_connections;

    Gauges& provider_up;
    Counters& polls;
    Histograms& poll_duration;
    Histograms& poll_lateness;
    Gauges& poll_next_permitted;
    Gauges& poll_last_success;
    prometheus::Counter& before_permitted;
    Counters& poll_throttled;
    Counters& permitted_time_missing;
    Counters& permitted_time_capped;
    Gauges& clock_skew;
    prometheus::Gauge& clock_offset;
    Counters& unreadable;
    Counters& unknown_job_status;
    Counters& unknown_signer_status;
    Counters& redeliveries;

    Counters& webhooks_received;
    Counters& webhook_rejected;
    prometheus::Histogram& webhook_answer;
    Counters& hints;
    Counters& notifications_dead;
    Gauges& webhooks_working;
    Gauges& sweep_last_success;

    Gauges& account_watches;
    Gauges& budget_used;
    Gauges& budget_limit;
    Gauges& interval_stretch;
    Gauges& circuit_open;
    Counters& watches_parked;

    Counters& fetched;
    prometheus::Counter& document_bytes;
    Counters& rejected;
    prometheus::Histogram& document_persist;
    Counters& committed;
    Counters& acknowledges;
    prometheus::Counter& before_durable;
    prometheus::Histogram& acknowledge_deadline;
    Counters& retries;
    Counters& parked;
    Counters& commands;
    Counters& commands_dead;
    Counters& loop_troubles;

    Counters& published;
    prometheus::Gauge& redis_connected;
    prometheus::Counter& tail_lost;

    prometheus::Gauge& watches;
    prometheus::Gauge& processes;
    prometheus::Gauge& documents;
    prometheus::Gauge& unacknowledged;
    prometheus::Gauge& unacknowledged_oldest;
    prometheus::Gauge& parked_now;
    prometheus::Gauge& unreadable_now;
    prometheus::Gauge& outbox_depth;
    prometheus::Gauge& outbox_oldest;
    prometheus::Gauge& notifications;
    prometheus::Gauge& notifications_oldest;
    prometheus::Gauge& notifications_aside;
    prometheus::Gauge& schema_version;
    prometheus::Gauge& store_free_bytes;
    prometheus::Histogram& store_commit;
    Counters& divergences;
    prometheus::Gauge& divergences_open;
    prometheus::Gauge& reconciled_at;
    prometheus::Gauge& reconciliation_duration;
    Gauges& certificate_expiry;
    prometheus::Histogram& event_loop_lag;
};

}  // namespace signwatch::telemetry
