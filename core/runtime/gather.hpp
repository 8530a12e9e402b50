#pragma once

#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>

#include "core/ports/task.hpp"
#include "core/runtime/condition.hpp"

namespace signwatch::runtime {

/// Runs all tasks at the same time and gives their results in order. Waits for every one of them, also when some fail;
/// then the first failure (in order) is thrown. Event-loop thread.
template <typename Result>
Task<std::vector<Result>> gather(boost::asio::any_io_executor loop, std::vector<Task<Result>> tasks) {
    Condition finished(loop);
    std::vector<std::optional<Result>> results(tasks.size());
    std::vector<std::exception_ptr> failures(tasks.size());
    std::size_t running = tasks.size();
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        auto finish = [&results, &failures, &running, &finished, i](std::exception_ptr failure, Result result) {
            if (failure)
                failures[i] = failure;
            else
                results[i].emplace(std::move(result));
            if (--running == 0) finished.notify_all();
        };
        boost::asio::co_spawn(loop, std::move(tasks[i]), std::move(finish));
    }
    while (running > 0)
        co_await finished.wait();
    for (const std::exception_ptr& failure : failures) {
        if (failure) std::rethrow_exception(failure);
    }
    std::vector<Result> values;
    values.reserve(results.size());
    for (std::optional<Result>& result : results)
        values.push_back(std::move(*result));
    co_return values;
}

}  // namespace signwatch::runtime
