#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "core/domain/error.hpp"
#include "core/events/redis/redis_event_stream.hpp"
#include "tests/fakes/redis_server.hpp"

/// What the tests of the Redis stream share.
namespace signwatch::redis {

/// Runs the loop until the task has ended; gives its result or throws what it threw.
template <typename T>
T finish(boost::asio::io_context& loop, Task<T> task) {
    std::exception_ptr failure;
    std::optional<T> result;
    bool ended = false;
    boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr error, T value) {
        failure = std::move(error);
        result = std::move(value);
        ended = true;
    });
    loop.restart();
    while (!ended)
        loop.run_one();
    if (failure) std::rethrow_exception(failure);
    return std::move(*result);
}

RedisSettings settings_for(const testing::RedisServer& server);

/// A stream on its own loop, and what its listener was told ("connected", "redis_timeout", ...).
class Client {
public:
    explicit Client(RedisSettings settings);

    PublishResult publish(EntryId expected_end, std::vector<OutboxEvent> batch);
    EntryId end();
    /// The error code of end(), "" if there was no error.
    std::string trouble();

    EventStream& stream() { return *stream_; }
    boost::asio::io_context& loop() { return loop_; }
    const std::vector<std::string>& states() const { return states_; }

private:
    boost::asio::io_context loop_{1};
    std::vector<std::string> states_;
    std::unique_ptr<EventStream> stream_;
};

template <typename Action>
void expect_error(ErrorKind kind, const std::string& code, Action action) {
    try {
        action();
        ADD_FAILURE() << "no error; expected " << code;
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), code) << error.what();
        EXPECT_EQ(error.kind(), kind);
    }
}

}  // namespace signwatch::redis
