#include "daemon/http/internal_server.hpp"

#include <utility>

#include "daemon/http/internal_routes.hpp"
#include "daemon/listener/http_listener.hpp"

namespace signwatch::internal_http {
namespace {

InternalRoutes::Hooks make_hooks(const telemetry::Metrics& metrics, telemetry::Log& log) {
    InternalRoutes::Hooks hooks;
    hooks.render_metrics = [&metrics] { return metrics.render(); };
    hooks.log_level = [&log] { return std::string(telemetry::name_of(log.level())); };
    hooks.set_log_level = [&log](std::string_view name) {
        const auto level = telemetry::level_from(name);
        if (level) log.set_level(*level);
        return level.has_value();
    };
    return hooks;
}

InternalAnswer refusal(int status) {
    InternalAnswer answer;
    answer.status = status;
    answer.body = "bad request\n";
    return answer;
}

Task<InternalAnswer> answer(const InternalRoutes& routes, bool trusted, listener::Request asked) {
    InternalRequest request;
    request.method = asked.method;
    request.target = asked.target;
    request.body = asked.body;
    request.trusted = trusted;
    co_return routes.answer(request);
}

listener::Handlers make_handlers(const InternalRoutes& routes, bool trusted) {
    listener::Handlers handlers;
    handlers.answer = [&routes, trusted](listener::Request request) {
        return answer(routes, trusted, std::move(request));
    };
    handlers.refuse = refusal;
    return handlers;
}

}  // namespace

struct InternalServer::Parts {
    InternalRoutes routes;
    listener::HttpListener listener;

    Parts(const boost::asio::any_io_executor& loop,
          const config::Endpoint& address,
          InternalRoutes answering,
          telemetry::Logger logger,
          const InternalLimits& limits)
        : routes(std::move(answering)),
          listener(loop, address, std::move(logger), make_handlers(routes, address.is_local()), limits) {}
};

InternalServer::InternalServer(const boost::asio::any_io_executor& loop,
                               const config::Endpoint& address,
                               const Health& health,
                               const telemetry::Metrics& metrics,
                               telemetry::Log& log,
                               const InternalLimits& limits)
    : parts_(std::make_unique<Parts>(
          loop, address, InternalRoutes(health, make_hooks(metrics, log)), log.logger("internal_http"), limits)) {}

InternalServer::~InternalServer() = default;

void InternalServer::start() {
    parts_->listener.start();
}

void InternalServer::stop() {
    parts_->listener.stop();
}

int InternalServer::port() const {
    return parts_->listener.port();
}

std::size_t InternalServer::connections() const {
    return parts_->listener.connections();
}

}  // namespace signwatch::internal_http
