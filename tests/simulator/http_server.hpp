#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "core/ports/task.hpp"
#include "tests/simulator/http_exchange.hpp"
#include "tests/simulator/tls_connection.hpp"
#include "tests/simulator/virtual_clock.hpp"

namespace signwatch::simulator {

using HandshakeObserver = std::function<void(Handshake)>;

/// HTTP/1.1 with keep-alive on 127.0.0.1, plain or (with `tls`) over TLS. Everything runs on `loop`, which has one
/// thread; the server has to live until the loop has ended.
class HttpServer {
public:
    struct Options {
        std::uint16_t port = 0;                    ///< 0: any free one
        boost::asio::ssl::context* tls = nullptr;  ///< nullptr: plain
        HandshakeObserver handshake_done{};
        microseconds round_trip{};  ///< every answer waits that long
        std::size_t body_limit = 1 << 20;
    };

    HttpServer(boost::asio::io_context& loop, Options options, CallHandler handler);

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    void start();

private:
    Task<void> accept_all();
    Task<void> serve_plain(boost::asio::ip::tcp::socket socket);
    Task<void> serve_tls(boost::asio::ip::tcp::socket socket);
    Task<void> converse(Connection& connection);
    Task<void> answer_all(Connection& connection);
    Task<bool> send(Connection& connection, const Reply& reply, const std::string& head);
    Task<void> drip(Connection& connection, std::string_view body);
    Task<void> pause(microseconds duration);

    boost::asio::io_context& loop_;
    Options options_;
    CallHandler handler_;
    boost::asio::ip::tcp::acceptor acceptor_;
};

}  // namespace signwatch::simulator
