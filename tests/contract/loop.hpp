#pragma once

#include <exception>
#include <future>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "core/ports/task.hpp"

namespace signwatch::testing {

/// An event loop for tests that are not coroutines themselves.
class Loop {
public:
    /// Runs the loop until the task is done; its result or its exception.
    template <typename T>
    T wait(Task<T> task) {
        auto result = boost::asio::co_spawn(context_, std::move(task), boost::asio::use_future);
        run();
        return result.get();
    }

    /// Starts all tasks before any is waited for; results in the same order.
    template <typename T>
    auto wait_all(std::vector<Task<T>> tasks) {
        std::vector<std::future<T>> pending;
        for (auto& task : tasks) {
            pending.push_back(boost::asio::co_spawn(context_, std::move(task), boost::asio::use_future));
        }
        run();
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
    void run() {
        context_.restart();
        context_.run();
    }

    boost::asio::io_context context_{1};
};

}  // namespace signwatch::testing
