#pragma once

#include <chrono>
#include <exception>
#include <future>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "core/ports/task.hpp"

namespace signwatch::testing {

/// An event loop for tests that are not coroutines themselves.
class Loop {
public:
    boost::asio::any_io_executor executor() { return context_.get_executor(); }

    /// Runs the loop until the task is done; its result or its exception.
    template <typename T>
    T wait(Task<T> task) {
        auto result = boost::asio::co_spawn(context_, std::move(task), boost::asio::use_future);
        run_until(result);
        return result.get();
    }

    /// Starts all tasks before any is waited for; results in the same order.
    template <typename T>
    auto wait_all(std::vector<Task<T>> tasks) {
        std::vector<std::future<T>> pending;
        for (auto& task : tasks) {
            pending.push_back(boost::asio::co_spawn(context_, std::move(task), boost::asio::use_future));
        }
        for (auto& each : pending)
            run_until(each);
        if constexpr (std::is_void_v<T>) {
            for (auto& each : pending)
                each.get();
        } else {
            std::vector<T> results;
            for (auto& each : pending)
                results.push_back(each.get());
            return results;
        }
    }

private:
    // Not until nothing is left to do: a client may keep a timer beyond its answer.
    template <typename Result>
    void run_until(const std::future<Result>& result) {
        context_.restart();
        while (result.wait_for(std::chrono::seconds{0}) != std::future_status::ready && context_.run_one() > 0) {
        }
    }

    boost::asio::io_context context_{1};
};

}  // namespace signwatch::testing
