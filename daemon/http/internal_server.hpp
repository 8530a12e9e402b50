#pragma once

#include <cstddef>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "core/config/endpoint.hpp"
#include "core/telemetry/log.hpp"
#include "core/telemetry/metrics.hpp"
#include "daemon/http/health.hpp"
#include "daemon/listener/exchange.hpp"

namespace signwatch::internal_http {

using InternalLimits = listener::Limits;

/// The internal listener: HTTP/1.1 over TCP or a Unix socket, for Prometheus, probes and the operator. Event-loop
/// thread only. What it is given outlives it; after `stop`, the loop has to run until `connections` is 0 before it may
/// be destroyed.
class InternalServer {
public:
    /// Binds `address` (port 0: any free one; a Unix socket gets mode 0660, and replaces a socket file that nobody
    /// listens on). Throws Error(permanent, "listen") when it cannot.
    InternalServer(const boost::asio::any_io_executor& loop,
                   const config::Endpoint& address,
                   const Health& health,
                   const telemetry::Metrics& metrics,
                   telemetry::Log& log,
                   const InternalLimits& limits = {});
    ~InternalServer();
    InternalServer(const InternalServer&) = delete;
    InternalServer& operator=(const InternalServer&) = delete;

    /// Begins to answer.
    void start();
    /// Stops listening and closes every connection; what belongs to them ends in the next turns of the loop.
    void stop();

    /// The TCP port that is listened on; 0 for a Unix socket.
    int port() const;
    std::size_t connections() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace signwatch::internal_http
