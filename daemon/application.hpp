#pragma once

#include <map>
#include <memory>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "core/runtime/system_clock.hpp"
#include "core/runtime/time_lapse.hpp"
#include "core/telemetry/telemetry_observer.hpp"
#include "daemon/adapters.hpp"
#include "daemon/admin/admin_server.hpp"
#include "daemon/cli/context.hpp"
#include "daemon/command_loop.hpp"
#include "daemon/generation.hpp"
#include "daemon/housekeeping.hpp"
#include "daemon/http/internal_server.hpp"
#include "daemon/inbound/inbound_server.hpp"
#include "daemon/line_progress.hpp"
#include "daemon/membership.hpp"
#include "daemon/notify/notifier.hpp"
#include "daemon/reconciliation.hpp"
#include "daemon/supervision.hpp"

namespace signwatch::daemon {

/// The composition root of `signwatch run`: owns every part, in the order of dependence, and runs them on one event
/// loop until a signal ends it. Declaration order is dependency order; destruction is the shutdown.
class Application {
public:
    /// Opens the stores and binds the listener. Throws ConfigError or Error when it cannot start.
    Application(cli::RunOptions options, std::vector<const ProviderFactory*> factories);

    /// Returns when SIGTERM or SIGINT has been obeyed.
    void run();

private:
    Task<void> live();
    Task<void> start();
    Task<void> start_again();
    Task<void> reload();
    Task<void> shut_down();
    Task<void> end_after_grace();
    Task<void> finish_inbound();
    Task<void> keep_house();

    std::unique_ptr<admin::AdminServer> make_admin();
    std::unique_ptr<inbound::InboundServer> make_inbound();
    std::unique_ptr<Generation> make_generation(const config::Configuration& configuration);
    void adopt(const config::Configuration& configuration);
    void note_certificates();
    const AccountSettings* find_account(const std::string& name) const;
    void wait_for_signal();
    void on_signal(int number);

    cli::RunOptions options_;
    std::vector<const ProviderFactory*> factories_;
    config::Configuration configuration_;
    boost::asio::io_context loop_{1};
    runtime::SystemClock clock_;
    runtime::TimeLapse lapse_;
    Clock& schedule_clock_;  ///< clock_, except in tests that live through a month in minutes
    telemetry::Log log_;
    telemetry::Logger logger_;
    telemetry::Metrics metrics_;
    telemetry::TelemetryObserver observer_;
    LineProgress progress_;
    internal_http::Health health_;
    notify::Notifier notifier_;
    Adapters adapters_;
    Housekeeping housekeeping_;
    Reconciliation reconciliation_;
    internal_http::InternalServer server_;
    registry::Registrar registrar_;
    std::unique_ptr<admin::AdminServer> admin_;  ///< null: switched off
    Membership membership_;
    pipeline::OutboxRelay relay_;
    Supervision supervision_;
    std::unique_ptr<CommandLoop> commands_;  ///< null: no stream of commands is configured
    Pseudonymise pseudonymise_;
    Budgets budgets_;
    std::unique_ptr<Generation> generation_;
    pipeline::WakingInbox inbox_;
    std::unique_ptr<inbound::InboundServer> inbound_;  ///< null: not configured
    runtime::TaskGroup tasks_;
    boost::asio::signal_set signals_;
    Wake control_;
    Wake chores_;
    bool lease_lost_ = false;
    bool reload_requested_ = false;
    bool stopping_ = false;
    bool ended_ = false;
};

}  // namespace signwatch::daemon
