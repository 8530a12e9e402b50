#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "core/events/redis/redis_settings.hpp"
#include "core/ports/task.hpp"

namespace signwatch::redis {

/// One connected byte stream to the server, for one connection: TCP, TLS or a Unix socket. Throws Error: redis_connect,
/// redis_tls, redis_io. `access` must outlive it. No time-outs here: close() ends what is under way.
class Transport {
public:
    Transport(boost::asio::any_io_executor loop, const Address& address, const Access& access);

    Task<void> connect();
    /// Sends all; `bytes` must live until then.
    Task<void> write(std::string_view bytes);
    /// Waits for some bytes; valid until the next read.
    Task<std::string_view> read();
    void close() noexcept;

private:
    using Socket = boost::asio::generic::stream_protocol::socket;

    Task<void> connect_unix();
    Task<void> connect_tcp();
    Task<void> start_tls();

    const Address address_;
    const Access& access_;
    boost::asio::ip::tcp::resolver resolver_;
    Socket socket_;
    std::optional<boost::asio::ssl::context> tls_context_;
    std::optional<boost::asio::ssl::stream<Socket&>> tls_;
    std::vector<char> room_;
    bool closed_ = false;
};

}  // namespace signwatch::redis
