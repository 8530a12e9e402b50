#pragma once

#include <cstddef>

#include "core/config/configuration.hpp"
#include "core/telemetry/log.hpp"
#include "core/telemetry/metrics.hpp"
#include "daemon/admin/access.hpp"
#include "daemon/admin/admin_routes.hpp"
#include "daemon/listener/http_listener.hpp"

namespace signwatch::admin {

/// More than the internal listener takes: lists of registrations are long.
listener::Limits admin_limits();

/// The admin listener: processes over HTTP, for those who may. Event-loop thread only. What it is given outlives it;
/// after `stop`, the loop has to run until `connections` is 0 before it may be destroyed.
class AdminServer {
public:
    /// Reads the files and binds the address that `settings` name. Throws Error(permanent) when it cannot.
    AdminServer(const boost::asio::any_io_executor& loop,
                const config::AdminSettings& settings,
                const AdminParts& parts,
                telemetry::Metrics& metrics,
                telemetry::Log& log,
                const listener::Limits& limits = admin_limits());
    AdminServer(const AdminServer&) = delete;
    AdminServer& operator=(const AdminServer&) = delete;

    /// Token and certificates from now on: files are renewed at a reload.
    void adopt(Access access);

    void start() { listener_.start(); }
    /// Takes no further request; those under way are answered.
    void drain() { listener_.drain(); }
    void stop() { listener_.stop(); }

    int port() const { return listener_.port(); }
    std::size_t connections() const { return listener_.connections(); }

private:
    listener::Handlers make_handlers();
    std::optional<listener::Answer> admit(const listener::Request& request);
    Task<listener::Answer> answer(listener::Request request);
    listener::Answer refuse(int status);

    AdminRoutes routes_;
    telemetry::Metrics& metrics_;
    telemetry::Logger logger_;
    Access access_;
    listener::HttpListener listener_;
};

}  // namespace signwatch::admin
