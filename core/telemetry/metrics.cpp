#include "core/telemetry/metrics.hpp"

#include <array>
#include <charconv>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "core/domain/error.hpp"
#include "core/domain/names.hpp"
#include "core/telemetry/collectors.hpp"
#include "core/telemetry/log.hpp"
#include "core/telemetry/metric_families.hpp"
#include "core/telemetry/reason_codes.hpp"

namespace signwatch::telemetry {
namespace {

double unix_seconds(WallTime time) {
    return static_cast<double>(to_unix_ms(time)) / 1e3;
}

double unix_seconds(const std::optional<WallTime>& time) {
    return time ? unix_seconds(*time) : 0;
}

/// The first 48 bits of a hash, as a number that a gauge holds exactly: equal configurations have equal numbers.
double number_of(std::string_view hash_hex) {
    constexpr std::size_t digits = 12;
    std::uint64_t value = 0;
    const std::string_view head = hash_hex.substr(0, digits);
    std::from_chars(head.data(), head.data() + head.size(), value, 16);
    return static_cast<double>(value);
}

std::string text(std::string_view name) {
    return std::string(name);
}

}  // namespace

Metrics::Metrics(std::string_view version, const Log& log) : families_(std::make_unique<Families>(log)) {
    families_->build_info.Add({{"version", text(version)}}).Set(1);
    for (const ProviderKind provider : {ProviderKind::posten}) {
        families_->unknown_job_status.Add({{"provider", text(name_of(provider))}});
        families_->unknown_signer_status.Add({{"provider", text(name_of(provider))}});
    }
    families_->published.Add({{"result", "published"}});
    families_->published.Add({{"result", "failed"}});
}

Metrics::~Metrics() = default;

std::string Metrics::render() const {
    std::vector<prometheus::MetricFamily> all = families_->registry.Collect();
    for (auto& family : collect_log(families_->log))
        all.push_back(std::move(family));
    for (auto& family : collect_process())
        all.push_back(std::move(family));
    return prometheus::TextSerializer().Serialize(all);
}

void Metrics::declare_account(const std::string& account, ProviderKind provider) {
    const prometheus::Labels labels{{"account", account}};
    families_->provider_names.insert_or_assign(account, text(name_of(provider)));
    for (const char* result :
         {"updated", "empty", "throttled", "unreadable", "transient", "unauthorized", "permanent", "integrity"}) {
        families_->polls.Add({{"account", account}, {"result", result}});
    }
    for (const char* result : {"done", "assumed", "left"}) {
        families_->acknowledges.Add({{"account", account}, {"result", result}});
    }
    families_->poll_throttled.Add(labels);
    families_->permitted_time_missing.Add(labels);
    families_->permitted_time_capped.Add(labels);
    families_->poll_last_success.Add(labels);
    families_->redeliveries.Add(labels);
    families_->committed.Add(labels);
}

void Metrics::config_loaded(WallTime now, std::string_view hash_hex) {
    families_->config_successful.Set(1);
    families_->config_timestamp.Set(unix_seconds(now));
    families_->config_hash.Set(number_of(hash_hex));
}

void Metrics::config_rejected() {
    families_->config_successful.Set(0);
}

void Metrics::set_summary(const StoreSummary& summary) {
    const auto set = [](prometheus::Gauge& gauge, std::size_t value) { gauge.Set(static_cast<double>(value)); };
    set(families_->watches, summary.watches);
    set(families_->processes, summary.processes);
    set(families_->documents, summary.documents);
    set(families_->unacknowledged, summary.unacknowledged);
    set(families_->parked_now, summary.parked);
    set(families_->unreadable_now, summary.unreadable);
    set(families_->outbox_depth, summary.outbox_depth);
    families_->unacknowledged_oldest.Set(unix_seconds(summary.oldest_unacknowledged));
    families_->outbox_oldest.Set(unix_seconds(summary.oldest_unpublished));
    set(families_->notifications, summary.notifications);
    set(families_->notifications_aside, summary.notifications_aside);
    families_->notifications_oldest.Set(unix_seconds(summary.oldest_notification));
    families_->schema_version.Set(summary.schema_version);
}

void Metrics::set_certificate_expiry(const std::string& account, const std::string& name, WallTime expiry) {
    families_->certificate_expiry.Add({{"account", account}, {"name", name}}).Set(unix_seconds(expiry));
}

void Metrics::set_store_free_bytes(std::uint64_t bytes) {
    families_->store_free_bytes.Set(static_cast<double>(bytes));
}

void Metrics::set_clock_offset(Seconds offset) {
    families_->clock_offset.Set(offset.count());
}

void Metrics::reconciliation_found(std::string_view kind, std::size_t divergences) {
    families_->divergences.Add({{"kind", text(kind)}}).Increment(static_cast<double>(divergences));
}

void Metrics::reconciliation_finished(WallTime now, Seconds duration, std::size_t open) {
    families_->reconciled_at.Set(static_cast<double>(to_unix_ms(now)) / 1000);
    families_->reconciliation_duration.Set(duration.count());
    families_->divergences_open.Set(static_cast<double>(open));
}

void Metrics::admin_request(std::string_view route, int status) {
    families_->admin_requests.Add({{"route", text(route)}, {"status", std::to_string(status)}}).Increment();
}

void Metrics::set_inbound_connections(std::size_t count) {
    families_->inbound_connections.Set(static_cast<double>(count));
}

void Metrics::set_budget(const std::string& account, std::size_t watches, const BudgetState& budget) {
    const auto window = [&](const char* name, int used, int limit) {
        if (limit == 0) return;
        families_->budget_used.Add({{"account", account}, {"window", name}}).Set(used);
        families_->budget_limit.Add({{"account", account}, {"window", name}}).Set(limit);
    };
    families_->account_watches.Add({{"account", account}}).Set(static_cast<double>(watches));
    window("hour", budget.used_in_hour, budget.limits.per_hour);
    window("day", budget.used_in_day, budget.limits.per_day);
    window("month", budget.used_in_month, budget.limits.per_month);
    families_->interval_stretch.Add({{"account", account}}).Set(budget.stretch);
}

void Metrics::set_circuit_open(const std::string& account, bool open) {
    families_->circuit_open.Add({{"account", account}}).Set(open ? 1 : 0);
}

void Metrics::watch_parked(const std::string& account, std::string_view code) {
    families_->watches_parked.Add({{"account", account}, {"reason", text(bounded_reason(code))}}).Increment();
}

void Metrics::set_redis_connected(bool connected) {
    families_->redis_connected.Set(connected ? 1 : 0);
}

void Metrics::observe_event_loop_lag(Seconds lag) {
    families_->event_loop_lag.Observe(lag.count());
}

void Metrics::observe_store_commit(Seconds duration) {
    families_->store_commit.Observe(duration.count());
}

void Metrics::poll(const std::string& account, std::string_view result) {
    families_->polls.Add({{"account", account}, {"result", text(result)}}).Increment();
}

void Metrics::poll_answered(const std::string& account, Seconds duration, Seconds lateness) {
    families_->poll_duration.Add({{"account", account}}, call_buckets()).Observe(duration.count());
    families_->poll_lateness.Add({{"account", account}}, call_buckets()).Observe(std::max(0.0, lateness.count()));
}

void Metrics::poll_succeeded(const std::string& account, WallTime now) {
    families_->poll_last_success.Add({{"account", account}}).Set(unix_seconds(now));
}

void Metrics::poll_next_permitted(const std::string& account, WallTime when) {
    families_->poll_next_permitted.Add({{"account", account}}).Set(unix_seconds(when));
}

void Metrics::poll_before_permitted() {
    families_->before_permitted.Increment();
}

void Metrics::poll_throttled(const std::string& account) {
    families_->poll_throttled.Add({{"account", account}}).Increment();
}

void Metrics::permitted_time_missing(const std::string& account) {
    families_->permitted_time_missing.Add({{"account", account}}).Increment();
}

void Metrics::permitted_time_capped(const std::string& account) {
    families_->permitted_time_capped.Add({{"account", account}}).Increment();
}

void Metrics::provider_up(const std::string& account, bool up) {
    families_->up(account).Set(up ? 1 : 0);
}

void Metrics::clock_skew(const std::string& account, Seconds skew) {
    families_->clock_skew.Add({{"account", account}}).Set(skew.count());
}

void Metrics::answer_unreadable(std::string_view code) {
    families_->unreadable.Add({{"reason", text(bounded_reason(code))}}).Increment();
}

void Metrics::redelivery(const std::string& account) {
    families_->redeliveries.Add({{"account", account}}).Increment();
}

void Metrics::unknown_job_status(ProviderKind provider) {
    families_->unknown_job_status.Add({{"provider", text(name_of(provider))}}).Increment();
}

void Metrics::unknown_signer_status(ProviderKind provider) {
    families_->unknown_signer_status.Add({{"provider", text(name_of(provider))}}).Increment();
}

void Metrics::document(ProviderKind provider, DocumentKind kind, std::string_view result) {
    families_->fetched
        .Add({{"provider", text(name_of(provider))}, {"kind", text(name_of(kind))}, {"result", text(result)}})
        .Increment();
}

void Metrics::document_stored(std::uint64_t bytes, Seconds persist) {
    families_->document_bytes.Increment(static_cast<double>(bytes));
    families_->document_persist.Observe(persist.count());
}

void Metrics::document_rejected(std::string_view code) {
    families_->rejected.Add({{"reason", text(bounded_reason(code))}}).Increment();
}

void Metrics::update_committed(const std::string& account) {
    families_->committed.Add({{"account", account}}).Increment();
}

void Metrics::acknowledge(const std::string& account, std::string_view result, Seconds left_of_window) {
    families_->acknowledges.Add({{"account", account}, {"result", text(result)}}).Increment();
    families_->acknowledge_deadline.Observe(left_of_window.count());
}

void Metrics::acknowledged_before_durable() {
    families_->before_durable.Increment();
}

void Metrics::retry(std::string_view code) {
    families_->retries.Add({{"reason", text(bounded_reason(code))}}).Increment();
}

void Metrics::parked(std::string_view code) {
    families_->parked.Add({{"reason", text(bounded_reason(code))}}).Increment();
}

void Metrics::published(std::uint64_t events) {
    families_->published.Add({{"result", "published"}}).Increment(static_cast<double>(events));
    set_redis_connected(true);
}

void Metrics::publish_failed() {
    families_->published.Add({{"result", "failed"}}).Increment();
    set_redis_connected(false);
}

void Metrics::stream_tail_lost() {
    families_->tail_lost.Increment();
}

void Metrics::command(std::string_view type, std::string_view outcome) {
    families_->commands.Add({{"type", text(type)}, {"outcome", text(outcome)}}).Increment();
}

void Metrics::command_dead(std::string_view reason) {
    families_->commands_dead.Add({{"reason", text(bounded_reason(reason))}}).Increment();
}

void Metrics::loop_trouble(std::string_view code) {
    families_->loop_troubles.Add({{"reason", text(bounded_reason(code))}}).Increment();
}

}  // namespace signwatch::telemetry
