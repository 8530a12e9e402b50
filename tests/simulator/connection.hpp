#pragma once

#include <string_view>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "core/ports/task.hpp"

namespace signwatch::simulator {

/// A byte stream to one client. Everything throws boost::system::system_error when the client is gone.
class Connection {
public:
    explicit Connection(boost::asio::ip::tcp::socket socket);
    virtual ~Connection() = default;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// At least one byte.
    virtual Task<std::size_t> read_some(boost::asio::mutable_buffer space);

    /// All of `first` and `second`; what they refer to has to stay until the end.
    virtual Task<void> write(std::string_view first, std::string_view second);

    /// Without any farewell.
    void cut();

protected:
    boost::asio::ip::tcp::socket socket_;
};

}  // namespace signwatch::simulator
