#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "core/events/redis/redis_settings.hpp"
#include "core/events/redis/resp.hpp"
#include "core/ports/task.hpp"

namespace signwatch::redis {

class Transport;

/// A connection to one server that can be made again. Any error closes it. One operation at a time; event-loop thread.
class Connection {
public:
    /// `access` must outlive it.
    Connection(boost::asio::any_io_executor loop, const Access& access);
    ~Connection();

    /// Connects and authenticates. To use a database: selects it, and makes sure that transactions are permitted: were
    /// MULTI refused, the server would carry out what follows it one by one.
    Task<void> open(Address address, std::optional<int> database = {});
    bool is_open() const { return transport_ != nullptr; }
    void close() noexcept;
    /// Makes the operation under way fail; from another coroutine.
    void interrupt() noexcept;

    /// Sends `commands` in one write and gives their `count` replies, error replies among them. `commands` must live
    /// until then. `blocking` is how much longer the server may take by what was asked. Throws Error: redis_io,
    /// redis_timeout, redis_protocol, redis_tls.
    Task<std::vector<Value>> exchange(std::string_view commands,
                                      std::size_t count,
                                      std::chrono::milliseconds blocking = {});

private:
    Task<void> connect(Address address);
    Task<void> introduce(std::optional<int> database);
    Task<void> collect(std::vector<Value>& replies, std::size_t count);

    boost::asio::any_io_executor loop_;
    const Access& access_;
    std::unique_ptr<Transport> transport_;
    std::unique_ptr<ReplyReader> reader_;
};

}  // namespace signwatch::redis
