#include "core/domain/names.hpp"
#include "core/telemetry/metric_families.hpp"
#include "core/telemetry/metrics.hpp"
#include "core/telemetry/reason_codes.hpp"

/// The part of Metrics about webhooks, hints and sweeps.
namespace signwatch::telemetry {

void Metrics::webhook_received(const std::string& account, std::string_view result, Seconds duration) {
    families_->webhooks_received
        .Add({{"account", account}, {"provider", families_->provider_of(account)}, {"result", std::string(result)}})
        .Increment();
    families_->webhook_answer.Observe(duration.count());
}

void Metrics::webhook_rejected(std::string_view reason) {
    families_->webhook_rejected.Add({{"reason", std::string(bounded_reason(reason))}}).Increment();
}

void Metrics::hints(const std::string& account, Via via, const HintCounts& counts) {
    const auto add = [&](const char* result, std::size_t count) {
        families_->hints.Add({{"account", account}, {"via", std::string(name_of(via))}, {"result", result}})
            .Increment(static_cast<double>(count));
    };
    add("hurried", counts.hurried);
    add("adopted", counts.adopted);
    add("unchanged", counts.unchanged);
    add("unknown", counts.unknown);
}

void Metrics::notification_dead(std::string_view code) {
    families_->notifications_dead.Add({{"reason", std::string(bounded_reason(code))}}).Increment();
}

void Metrics::set_webhooks_working(const std::string& account, bool work) {
    families_->webhooks_working.Add({{"account", account}}).Set(work ? 1 : 0);
}

void Metrics::sweep_succeeded(const std::string& account, const std::string& sweep, WallTime now) {
    families_->sweep_last_success.Add({{"account", account}, {"sweep", sweep}})
        .Set(static_cast<double>(to_unix_ms(now)) / 1e3);
}

}  // namespace signwatch::telemetry
