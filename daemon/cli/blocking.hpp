#pragma once

#include <chrono>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "core/ports/progress.hpp"
#include "core/ports/task.hpp"

/// What commands, which block, need to work with parts that do not.
namespace signwatch::cli {

class NoProgress final : public Progress {
public:
    void reached(Step) noexcept override {}
};

/// Runs the loop until the task has ended, and no longer: a client may keep a timer beyond its answer. Whoever answers
/// from a thread of its own may not be done with the loop by then: the loop outlives them. Throws what the task throws.
template <typename Result>
Result run_on(boost::asio::io_context& loop, Task<Result> task) {
    auto result = boost::asio::co_spawn(loop, std::move(task), boost::asio::use_future);
    loop.restart();
    while (result.wait_for(std::chrono::seconds{0}) != std::future_status::ready && loop.run_one() > 0) {
    }
    return result.get();
}

}  // namespace signwatch::cli
