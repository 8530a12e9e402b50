#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "daemon/http/health.hpp"
#include "daemon/listener/exchange.hpp"

namespace signwatch::internal_http {

struct InternalRequest {
    std::string_view method;
    std::string_view target;  ///< path and query as sent
    std::string_view body;
    bool trusted = false;  ///< from this machine: may change things
};

using InternalAnswer = listener::Answer;

/// What the internal listener answers, without the sockets:
///   GET /metrics                                     text exposition format
///   GET /livez, /-/healthy                           200 while the event loop answers and the loops move
///   GET /readyz, /-/ready [?verbose]                 200 when started, not draining and no gating check is degraded
///   GET /startupz                                    200 once start-up has ended
///   GET /-/log-level, PUT /-/log-level [?level=..]   the level in the body or the query; only from this machine
class InternalRoutes {
public:
    struct Hooks {
        std::function<std::string()> render_metrics;
        std::function<std::string()> log_level;
        std::function<bool(std::string_view)> set_log_level;  ///< false: no such level
    };

    /// `health` outlives it.
    InternalRoutes(const Health& health, Hooks hooks) : health_(health), hooks_(std::move(hooks)) {}

    InternalAnswer answer(const InternalRequest& request) const;

private:
    InternalAnswer metrics() const;
    InternalAnswer livez() const;
    InternalAnswer readyz(bool verbose) const;
    InternalAnswer startupz() const;
    InternalAnswer log_level(const InternalRequest& request, std::string_view query) const;

    const Health& health_;
    Hooks hooks_;
};

}  // namespace signwatch::internal_http
