#include "core/runtime/task_group.hpp"

#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>

namespace signwatch::runtime {

TaskGroup::TaskGroup(boost::asio::any_io_executor loop, FailureHandler on_failure)
    : loop_(std::move(loop)), on_failure_(std::move(on_failure)), finished_(loop_) {}

void TaskGroup::spawn(std::string name, Task<void> task) {
    ++running_;
    boost::asio::co_spawn(loop_, std::move(task), [this, name = std::move(name)](const std::exception_ptr& error) {
        --running_;
        if (error) {
            try {
                std::rethrow_exception(error);
            } catch (const std::exception& failure) {
                on_failure_(name, failure.what());
            }
        }
        if (running_ == 0) finished_.notify_all();
    });
}

Task<void> TaskGroup::join() {
    while (running_ > 0)
        co_await finished_.wait();
}

}  // namespace signwatch::runtime
