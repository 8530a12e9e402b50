#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "core/ports/task.hpp"

namespace signwatch::runtime {

/// Lets coroutines wait for something that another coroutine brings about: test your condition, wait, test again. No
/// time-outs: time belongs to the Clock. Event-loop thread only; must outlive its waiters.
class Condition {
public:
    explicit Condition(const boost::asio::any_io_executor& loop);

    /// Returns after the next notify_all.
    Task<void> wait();
    void notify_all();

private:
    boost::asio::steady_timer timer_;
};

}  // namespace signwatch::runtime
