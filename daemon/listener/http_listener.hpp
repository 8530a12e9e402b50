#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ssl/context.hpp>

#include "core/config/endpoint.hpp"
#include "core/telemetry/log.hpp"
#include "daemon/listener/exchange.hpp"

namespace signwatch::listener {

/// HTTP/1.1 over TCP, with or without TLS, or over a Unix socket. Event-loop thread only. What it is given outlives it;
/// after `stop`, the loop has to run until `connections` is 0 before it may be destroyed.
class HttpListener {
public:
    /// Binds `address` (port 0: any free one; a Unix socket gets mode 0660, and replaces a socket file that nobody
    /// listens on). Throws Error(permanent, "listen") when it cannot.
    HttpListener(const boost::asio::any_io_executor& loop,
                 const config::Endpoint& address,
                 telemetry::Logger logger,
                 Handlers handlers,
                 const Limits& limits);
    ~HttpListener();
    HttpListener(const HttpListener&) = delete;
    HttpListener& operator=(const HttpListener&) = delete;

    /// Connections from now on speak TLS with this certificate; before `start`, or to renew it.
    void use(boost::asio::ssl::context tls);
    /// The limits from now on. Connections that are open keep the size of their header and body.
    void use(const Limits& limits);

    /// Begins to answer.
    void start();
    /// Stops listening; what is being answered gets its answer, every other connection is closed.
    void drain();
    /// Stops listening and closes every connection; what belongs to them ends in the next turns of the loop.
    void stop();

    /// The TCP port that is listened on; 0 for a Unix socket.
    int port() const;
    std::size_t connections() const;
    /// The bytes of all bodies that are held now.
    std::size_t held_bytes() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace signwatch::listener
