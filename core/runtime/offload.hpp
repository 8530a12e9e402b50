#pragma once

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/ports/task.hpp"

namespace signwatch::runtime {

/// Threads for work that blocks (databases, fsync, signature checks). Destroying it waits for what was started.
using BlockingPool = boost::asio::thread_pool;

namespace detail {

template <typename Result>
struct Outcome {
    std::exception_ptr error;
    std::optional<Result> value;
};

template <>
struct Outcome<void> {
    std::exception_ptr error;
};

/// Takes the work itself: what it holds is gone before the caller, who may own what that needs, goes on.
template <typename Work, typename Result>
Outcome<Result> perform(Work work) {
    Outcome<Result> outcome;
    try {
        if constexpr (std::is_void_v<Result>)
            work();
        else
            outcome.value.emplace(work());
    } catch (...) {
        outcome.error = std::current_exception();
    }
    return outcome;
}

template <typename Handler, typename Result>
void complete(Handler& handler, Outcome<Result>& outcome) {
    if constexpr (std::is_void_v<Result>)
        handler(outcome.error);
    else if (outcome.error)
        handler(outcome.error, Result{});
    else
        handler(nullptr, std::move(*outcome.value));
}

template <typename Result>
struct Signature {
    using type = void(std::exception_ptr, Result);
};

template <>
struct Signature<void> {
    using type = void(std::exception_ptr);
};

}  // namespace detail

/// Runs `work()` on `pool` and resumes the caller on its own executor with the result or the exception. `work` owns
/// what it uses (captures by value or move); Result is default-constructible. Not itself a coroutine, so its lambdas
/// are safe on g++ 12.
template <typename Work>
auto offload(BlockingPool& pool, Work work) -> Task<std::invoke_result_t<Work&>> {
    using Result = std::invoke_result_t<Work&>;
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, typename detail::Signature<Result>::type>(
        [&pool](auto handler, Work moved) {
            auto back = boost::asio::make_work_guard(boost::asio::get_associated_executor(handler));
            boost::asio::post(
                pool, [handler = std::move(handler), back = std::move(back), work = std::move(moved)]() mutable {
                    auto outcome = detail::perform<Work, Result>(std::move(work));
                    const auto executor = back.get_executor();
                    boost::asio::post(executor, [handler = std::move(handler), outcome = std::move(outcome)]() mutable {
                        detail::complete(handler, outcome);
                    });
                    back.reset();
                });
        },
        boost::asio::use_awaitable,
        std::move(work));
}

}  // namespace signwatch::runtime
