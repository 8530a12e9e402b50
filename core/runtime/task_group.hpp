#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "core/ports/task.hpp"
#include "core/runtime/condition.hpp"

namespace signwatch::runtime {

/// Coroutines that belong together: spawned, counted, and awaited before their owner goes. Event-loop thread only.
class TaskGroup {
public:
    /// `on_failure(name, message)`: a task let an exception escape. Tasks are expected to handle their own failures.
    using FailureHandler = std::function<void(const std::string& name, const std::string& message)>;

    TaskGroup(boost::asio::any_io_executor loop, FailureHandler on_failure);

    void spawn(std::string name, Task<void> task);
    std::size_t running() const { return running_; }

    /// Returns when no task is left.
    Task<void> join();

private:
    boost::asio::any_io_executor loop_;
    FailureHandler on_failure_;
    Condition finished_;
    std::size_t running_ = 0;
};

}  // namespace signwatch::runtime
