#pragma once

#include <map>
#include <memory>

#include "core/pipeline/call_budget.hpp"
#include "core/pipeline/circuit_breaker.hpp"
#include "core/pipeline/queue_gate.hpp"
#include "core/ports/provider.hpp"
#include "core/runtime/condition.hpp"

namespace signwatch::pipeline {

/// What the pipeline keeps for one account while it runs: its provider, how many updates are in flight, and the gates
/// of its queues. Event-loop thread.
class Account {
public:
    /// `budget` outlives the account.
    Account(const boost::asio::any_io_executor& loop, std::unique_ptr<Provider> provider, CallBudget& budget);

    Provider& provider() { return *provider_; }
    const AccountTerms& terms() const { return provider_->terms(); }
    CallBudget& budget() { return budget_; }
    QueueGate& gate(WatchId watch);

    CircuitBreaker& breaker() { return breaker_; }

    /// Polls under way.
    std::size_t polls() const { return polls_; }
    void poll_begun() { ++polls_; }
    void poll_ended() { --polls_; }

    /// Waits until fewer updates are in flight than the terms allow, and counts one more.
    Task<void> enter_flight();
    void leave_flight();

private:
    boost::asio::any_io_executor loop_;
    std::unique_ptr<Provider> provider_;
    CallBudget& budget_;
    runtime::Condition landed_;
    int in_flight_ = 0;
    std::size_t polls_ = 0;
    CircuitBreaker breaker_;
    std::map<WatchId, QueueGate> gates_;  ///< of queues that have been polled: as many as the configuration names
};

/// One update's place among those in flight; given back when destroyed. Move only.
class InFlight {
public:
    InFlight() = default;
    explicit InFlight(Account& account) : account_(&account) {}
    InFlight(InFlight&& other) noexcept : account_(other.account_) { other.account_ = nullptr; }
    InFlight& operator=(InFlight&& other) noexcept;
    InFlight(const InFlight&) = delete;
    InFlight& operator=(const InFlight&) = delete;
    ~InFlight() { reset(); }

    void reset();

private:
    Account* account_ = nullptr;
};

}  // namespace signwatch::pipeline
