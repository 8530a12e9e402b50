#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/domain/document.hpp"
#include "core/domain/process.hpp"
#include "core/domain/time.hpp"
#include "core/ports/observer.hpp"
#include "core/ports/state_view.hpp"

namespace signwatch::telemetry {

class Log;

/// Every metric of signwatch, prefix `signwatch_`. Labels are enumerations, reasons of a fixed list and the configured
/// account names, so the number of time series is bounded. What must never happen is counted from 0 on. Thread-safe.
class Metrics {
public:
    using Seconds = std::chrono::duration<double>;

    /// `log` outlives it and is counted in log_messages_total and log_redactions_total.
    Metrics(std::string_view version, const Log& log);
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    /// The text exposition format (version 0.0.4).
    std::string render() const;

    // What the composition root and its periodic checks know.
    /// Makes the series of an account exist, at 0, before anything happens there.
    void declare_account(const std::string& account, ProviderKind provider);
    void config_loaded(WallTime now, std::string_view hash_hex);
    void config_rejected();
    void set_summary(const StoreSummary& summary);
    void set_certificate_expiry(const std::string& account, const std::string& name, WallTime expiry);
    void set_store_free_bytes(std::uint64_t bytes);
    void set_clock_offset(Seconds offset);
    void set_redis_connected(bool connected);
    void observe_event_loop_lag(Seconds lag);
    void observe_store_commit(Seconds duration);

    /// `kind` is one of reconciliation's own list; 0 makes its series exist.
    void reconciliation_found(std::string_view kind, std::size_t divergences);
    void reconciliation_finished(WallTime now, Seconds duration, std::size_t open);

    /// `route` is a word of the admin listener's own list, `status` one of those it gives.
    void admin_request(std::string_view route, int status);

    void set_inbound_connections(std::size_t count);

    void set_budget(const std::string& account, std::size_t watches, const BudgetState& budget);
    void set_circuit_open(const std::string& account, bool open);
    void watch_parked(const std::string& account, std::string_view code);

    // What the observer counts.
    void poll(const std::string& account, std::string_view result);
    void poll_answered(const std::string& account, Seconds duration, Seconds lateness);
    void poll_succeeded(const std::string& account, WallTime now);
    void poll_next_permitted(const std::string& account, WallTime when);
    void poll_before_permitted();
    void poll_throttled(const std::string& account);
    void permitted_time_missing(const std::string& account);
    void permitted_time_capped(const std::string& account);
    void provider_up(const std::string& account, bool up);
    void clock_skew(const std::string& account, Seconds skew);
    void answer_unreadable(std::string_view code);
    void redelivery(const std::string& account);
    void unknown_job_status(ProviderKind provider);
    void unknown_signer_status(ProviderKind provider);
    void document(ProviderKind provider, DocumentKind kind, std::string_view result);
    void document_stored(std::uint64_t bytes, Seconds persist);
    void document_rejected(std::string_view code);
    void update_committed(const std::string& account);
    void acknowledge(const std::string& account, std::string_view result, Seconds left_of_window);
    void acknowledged_before_durable();
    void retry(std::string_view code);
    void parked(std::string_view code);
    void published(std::uint64_t events);
    void publish_failed();
    void stream_tail_lost();
    void command(std::string_view type, std::string_view outcome);
    void command_dead(std::string_view reason);
    void webhook_received(const std::string& account, std::string_view result, Seconds duration);
    void webhook_rejected(std::string_view reason);
    void hints(const std::string& account, Via via, const HintCounts& counts);
    void notification_dead(std::string_view code);
    void set_webhooks_working(const std::string& account, bool work);
    /// `sweep` is one of the account's standing watches: a word of its provider's own list.
    void sweep_succeeded(const std::string& account, const std::string& sweep, WallTime now);
    void loop_trouble(std::string_view code);

private:
    struct Families;
    std::unique_ptr<Families> families_;
};

}  // namespace signwatch::telemetry
