#pragma once

#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/co_spawn.hpp>

#include "core/ports/task.hpp"
#include "core/runtime/condition.hpp"

namespace signwatch::runtime {

/// A task that runs from now on, while its owner does something else; wait for it before it is destroyed, and before
/// what the task refers to goes. Event-loop thread.
template <typename Result>
class Started {
public:
    Started(const boost::asio::any_io_executor& loop, Task<Result> task) : finished_(loop) {
        auto finish = [this](std::exception_ptr failure, Result result) {
            failure_ = std::move(failure);
            if (!failure_) result_.emplace(std::move(result));
            running_ = false;
            finished_.notify_all();
        };
        boost::asio::co_spawn(loop, std::move(task), std::move(finish));
    }
    Started(const Started&) = delete;
    Started& operator=(const Started&) = delete;

    /// Returns when the task has ended, in whatever way.
    Task<void> wait() {
        while (running_)
            co_await finished_.wait();
    }

    /// What the task returned or threw. Once.
    Task<Result> result() {
        co_await wait();
        if (failure_) std::rethrow_exception(failure_);
        co_return std::move(*result_);
    }

private:
    Condition finished_;
    bool running_ = true;
    std::exception_ptr failure_;
    std::optional<Result> result_;
};

}  // namespace signwatch::runtime
