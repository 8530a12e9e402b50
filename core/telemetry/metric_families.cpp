#include "core/telemetry/metric_families.hpp"

namespace signwatch::telemetry {
namespace {

using Buckets = prometheus::Histogram::BucketBoundaries;

prometheus::Family<prometheus::Counter>& counters(prometheus::Registry& registry, const char* name, const char* help) {
    return prometheus::BuildCounter().Name(std::string("signwatch_") + name).Help(help).Register(registry);
}

prometheus::Family<prometheus::Gauge>& gauges(prometheus::Registry& registry, const char* name, const char* help) {
    return prometheus::BuildGauge().Name(std::string("signwatch_") + name).Help(help).Register(registry);
}

prometheus::Family<prometheus::Histogram>& histograms(prometheus::Registry& registry,
                                                      const char* name,
                                                      const char* help) {
    return prometheus::BuildHistogram().Name(std::string("signwatch_") + name).Help(help).Register(registry);
}

prometheus::Counter& counter(prometheus::Registry& registry, const char* name, const char* help) {
    return counters(registry, name, help).Add({});
}

prometheus::Gauge& gauge(prometheus::Registry& registry, const char* name, const char* help) {
    return gauges(registry, name, help).Add({});
}

prometheus::Histogram& histogram(prometheus::Registry& registry,
                                 const char* name,
                                 const char* help,
                                 const Buckets& buckets) {
    return histograms(registry, name, help).Add({}, buckets);
}

Buckets disk_buckets() {
    return {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5};
}

Buckets answer_buckets() {
    return {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5};
}

Buckets deadline_buckets() {
    return {0, 30, 60, 120, 240, 360, 450, 480, 600};
}

}  // namespace

Buckets call_buckets() {
    return {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
}

Metrics::Families::Families(const Log& counted_log)
    : log(counted_log),
      build_info(gauges(registry, "build_info", "Always 1; the labels say what was built")),
      config_successful(
          gauge(registry, "config_last_reload_successful", "Whether the last reading of the configuration succeeded")),
      config_timestamp(
          gauge(registry, "config_last_reload_success_timestamp_seconds", "When the configuration in use was read")),
      config_hash(gauge(registry, "config_hash", "First 48 bits of the hash of the configuration in use")),
      admin_requests(counters(registry, "admin_requests_total", "Requests of the admin listener, by route and status")),
      inbound_connections(gauge(registry, "inbound_connections", "Open connections of the inbound listener")),
      provider_up(gauges(registry, "provider_up", "Whether the last call to the account's provider was answered")),
      polls(counters(registry, "polls_total", "Polls, by what they found or why they failed")),
      poll_duration(histograms(registry, "poll_duration_seconds", "Time from a poll to its answer")),
      poll_lateness(histograms(registry, "poll_lateness_seconds", "How long after its due time a poll was sent")),
      poll_next_permitted(gauges(
          registry, "poll_next_permitted_timestamp_seconds", "When the watch that was polled last is due again")),
      poll_last_success(gauges(
          registry, "poll_last_success_timestamp_seconds", "When a poll last got a proper answer; 0 before the first")),
      before_permitted(
          counter(registry, "polls_before_permitted_total", "Polls held back at the last moment; must stay 0")),
      poll_throttled(counters(
          registry, "poll_throttled_total", "Polls that the provider answered with a request for fewer calls")),
      permitted_time_missing(
          counters(registry, "permitted_time_missing_total", "Answers without a usable permitted time")),
      permitted_time_capped(
          counters(registry, "permitted_time_capped_total", "Answers whose permitted time was absurdly far away")),
      clock_skew(gauges(registry, "clock_skew_seconds", "The provider's clock minus ours")),
      clock_offset(
          gauge(registry, "clock_offset_seconds", "How far the civil clock moved against the time since boot")),
      unreadable(counters(registry,
                          "answers_unreadable_total",
                          "Answers that could not be read as an update, kept and not acknowledged")),
      unknown_job_status(counters(
          registry, "unknown_job_status_total", "Updates with a job status that we do not know, not acknowledged")),
      unknown_signer_status(
          counters(registry, "unknown_signer_status_total", "Signers with a status that we do not know")),
      redeliveries(counters(registry, "redeliveries_total", "Updates that the provider offered again")),
      webhooks_received(counters(
          registry, "webhooks_received_total", "Requests to an account's webhook address, by what became of them")),
      webhook_rejected(
          counters(registry, "webhook_rejected_total", "Requests to the public listener that were refused")),
      webhook_answer(histogram(registry,
                               "webhook_answer_duration_seconds",
                               "Time from a webhook's request to its answer",
                               answer_buckets())),
      hints(counters(registry, "hints_total", "Hints of webhooks and sweeps, by what became of them")),
      notifications_dead(
          counters(registry, "notifications_dead_total", "Notifications put aside since nobody can understand them")),
      webhooks_working(
          gauges(registry, "webhooks_working", "Whether the provider says that it sends us webhooks, if it was asked")),
      sweep_last_success(
          gauges(registry, "sweep_last_success_timestamp_seconds", "When a sweep last got a proper answer")),
      account_watches(gauges(registry, "account_watches", "Processes that are looked at one by one")),
      budget_used(gauges(registry, "budget_used_calls", "Calls made in the hour, day and month that end now")),
      budget_limit(gauges(registry, "budget_limit_calls", "Calls the account may make in such a time")),
      interval_stretch(gauges(registry,
                              "interval_stretch_ratio",
                              "By how much looks are further apart than configured, so that the budget lasts")),
      circuit_open(gauges(registry, "circuit_open", "Whether looks have stopped after failures in a row")),
      watches_parked(counters(registry, "watches_parked_total", "Processes that are not looked at any more, in vain")),
      fetched(counters(registry, "documents_fetched_total", "Documents fetched, by result")),
      document_bytes(counter(registry, "document_bytes_total", "Bytes of documents stored")),
      rejected(counters(registry, "document_rejected_total", "Documents that were not what they claimed to be")),
      document_persist(
          histogram(registry, "document_persist_duration_seconds", "Time to make a document durable", disk_buckets())),
      committed(counters(registry, "updates_committed_total", "Updates committed together with their event")),
      acknowledges(counters(registry, "acknowledges_total", "Acknowledgements to the provider, by result")),
      before_durable(counter(registry,
                             "acknowledged_before_durable_total",
                             "Acknowledgements held back because documents were not durable; must stay 0")),
      acknowledge_deadline(histogram(registry,
                                     "acknowledge_deadline_seconds",
                                     "What was left of the provider's patience when an acknowledgement was sent",
                                     deadline_buckets())),
      retries(counters(registry, "retries_total", "Updates put off to be tried again")),
      parked(counters(registry, "updates_parked_total", "Updates given up until an operator retries them")),
      commands(counters(registry, "commands_total", "Commands from the command stream, by what became of them")),
      commands_dead(
          counters(registry, "commands_dead_total", "Commands put aside since nobody will ever understand them")),
      loop_troubles(
          counters(registry, "loop_troubles_total", "Failures of our own parts (store, disk) that a loop met")),
      published(counters(registry, "events_published_total", "Events published, and attempts that failed")),
      redis_connected(gauge(registry, "redis_connected", "Whether the last call to Redis succeeded")),
      tail_lost(
          counter(registry, "stream_tail_lost_total", "Times the stream was found shorter than what we had published")),
      watches(gauge(registry, "watches", "Watches in the store")),
      processes(gauge(registry, "processes", "Signing processes in the store")),
      documents(gauge(registry, "documents", "Documents in the store")),
      unacknowledged(gauge(registry, "unacknowledged_updates", "Updates not yet acknowledged to the provider")),
      unacknowledged_oldest(gauge(
          registry, "unacknowledged_oldest_timestamp_seconds", "When the oldest of them came; 0 if there is none")),
      parked_now(gauge(registry, "parked_updates", "Updates that wait for an operator")),
      unreadable_now(gauge(registry, "unreadable_answers", "Kept answers that could not be read")),
      outbox_depth(gauge(registry, "outbox_depth", "Events not yet published")),
      outbox_oldest(gauge(
          registry, "outbox_oldest_timestamp_seconds", "When the oldest of them was committed; 0 if there is none")),
      notifications(gauge(registry, "notifications_queued", "Notifications of webhooks not yet read")),
      notifications_oldest(gauge(
          registry, "notifications_oldest_timestamp_seconds", "When the oldest of them came; 0 if there is none")),
      notifications_aside(gauge(registry, "notifications_aside", "Kept notifications that nobody could understand")),
      schema_version(gauge(registry, "schema_version", "Version of the store's schema")),
      store_free_bytes(gauge(registry, "store_free_bytes", "Free space where store and documents are")),
      store_commit(
          histogram(registry, "store_commit_duration_seconds", "Time of a durable write to the store", disk_buckets())),
      divergences(counters(
          registry, "reconciliation_divergences_total", "What scheduled reconciliations found wrong, by kind")),
      divergences_open(gauge(registry,
                             "reconciliation_open_divergences",
                             "What the last scheduled reconciliation found and could not mend or put on its way")),
      reconciled_at(gauge(registry,
                          "reconciliation_last_run_timestamp_seconds",
                          "When the last scheduled reconciliation ended; 0 before the first")),
      reconciliation_duration(gauge(
          registry, "reconciliation_last_run_duration_seconds", "How long the last scheduled reconciliation took")),
      certificate_expiry(
          gauges(registry, "certificate_expiry_timestamp_seconds", "When a configured certificate expires")),
      event_loop_lag(
          histogram(registry, "event_loop_lag_seconds", "How late the event loop ran a timer", disk_buckets())) {}

prometheus::Gauge& Metrics::Families::up(const std::string& account) {
    return provider_up.Add({{"account", account}, {"provider", provider_of(account)}});
}

std::string Metrics::Families::provider_of(const std::string& account) const {
    const auto provider = provider_names.find(account);
    return provider == provider_names.end() ? "unknown" : provider->second;
}

}  // namespace signwatch::telemetry
