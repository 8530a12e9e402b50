#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "core/ports/notification_inbox.hpp"
#include "core/runtime/task_group.hpp"
#include "daemon/listener/body_budget.hpp"

namespace signwatch::inbound {

enum class Queued { fresh, duplicate, failed, too_late };

/// Queues notifications, and waits for none longer than its sender does. One that was not waited for is still queued
/// when its turn comes; the sender's repeat is a duplicate then. Event-loop thread; has to outlive what it has begun.
class Queueing {
public:
    /// `inbox` outlives this.
    Queueing(const boost::asio::any_io_executor& loop,
             NotificationInbox& inbox,
             runtime::TaskGroup::FailureHandler on_failure);

    /// Returns when the notification is durable, cannot be made so, or `patience` is over. `share` is given back when
    /// its body is no longer held.
    Task<Queued> queue(Notification notification, listener::BodyShare share, std::chrono::milliseconds patience);

    /// Those that have not ended, waited for or not.
    std::size_t running() const { return tasks_.running(); }

private:
    struct Attempt;
    Task<void> run(std::shared_ptr<Attempt> attempt, Notification notification, listener::BodyShare share);

    boost::asio::any_io_executor loop_;
    NotificationInbox& inbox_;
    runtime::TaskGroup tasks_;
};

}  // namespace signwatch::inbound
