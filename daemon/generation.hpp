#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/pipeline/call_budget.hpp"
#include "core/pipeline/deadline_watch.hpp"
#include "core/pipeline/notification_reader.hpp"
#include "core/pipeline/outbox_relay.hpp"
#include "core/pipeline/recovery.hpp"
#include "core/pipeline/scheduler.hpp"
#include "core/ports/provider_factory.hpp"

namespace signwatch::daemon {

/// The call budgets by key. They outlive reloads: a reload is no reason to start a fresh budget.
using Budgets = std::map<std::string, pipeline::CallBudget>;

/// One configuration at work: its accounts, and the loops that serve them. A reload makes a new one, drains the old one
/// and starts the new one. Event-loop thread; everything it is given outlives it.
class Generation {
public:
    /// Builds every provider; throws Error(permanent) when certificates or keys cannot be used, and nothing has
    /// happened.
    Generation(const pipeline::LineParts& parts,
               const std::vector<std::unique_ptr<AccountSettings>>& settings,
               const std::vector<const ProviderFactory*>& factories,
               const ProviderContext& context,
               Budgets& budgets,
               runtime::TaskGroup::FailureHandler on_failure,
               std::function<void()> on_committed);

    /// Takes unfinished updates up again, makes the watches exist and starts polling.
    Task<void> start();

    /// A notification was queued.
    void wake_reader() { notifications_.wake(); }

    /// Polls no more; returns when everything in flight has ended. What cannot end is safe in its rows.
    Task<void> drain();

    /// When the slower of its loops last went round (schedule timeline).
    WallTime last_round() const;
    std::size_t running() const { return tasks_.running(); }

    const pipeline::Accounts& accounts() const { return accounts_; }
    /// Accounts whose last poll failed, with the error code.
    const std::map<std::string, std::string>& failing() const { return scheduler_.failing(); }

private:
    pipeline::Accounts accounts_;
    runtime::TaskGroup tasks_;
    pipeline::UpdateProcessor processor_;
    pipeline::Scheduler scheduler_;
    pipeline::Recovery recovery_;
    pipeline::DeadlineWatch deadlines_;
    pipeline::NotificationReader notifications_;
};

}  // namespace signwatch::daemon
