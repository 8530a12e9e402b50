#include "daemon/admin/admin_server.hpp"

#include <utility>

#include "daemon/admin/answers.hpp"

namespace signwatch::admin {
namespace {

bool only_reads(std::string_view route) {
    return route == "list" || route == "show" || route == "none";
}

}  // namespace

listener::Limits admin_limits() {
    listener::Limits limits;
    limits.connections = 32;
    limits.header_bytes = 16 * 1024;
    limits.body_bytes = 2 * 1024 * 1024;
    limits.request_time = std::chrono::seconds{15};
    return limits;
}

AdminServer::AdminServer(const boost::asio::any_io_executor& loop,
                         const config::AdminSettings& settings,
                         const AdminParts& parts,
                         telemetry::Metrics& metrics,
                         telemetry::Log& log,
                         const listener::Limits& limits)
    : routes_(parts),
      metrics_(metrics),
      logger_(log.logger("admin")),
      access_(Access::read(settings)),
      listener_(loop, settings.listen, log.logger("admin"), make_handlers(), limits) {
    if (auto tls = access_.take_tls()) listener_.use(std::move(*tls));
}

void AdminServer::adopt(Access access) {
    access_ = std::move(access);
    if (auto tls = access_.take_tls()) listener_.use(std::move(*tls));
}

listener::Handlers AdminServer::make_handlers() {
    listener::Handlers handlers;
    handlers.admit = [this](const listener::Request& request) { return admit(request); };
    handlers.answer = [this](listener::Request request) { return answer(std::move(request)); };
    handlers.refuse = [this](int status) { return refuse(status); };
    return handlers;
}

std::optional<listener::Answer> AdminServer::admit(const listener::Request& request) {
    if (access_.permits(request.authorization)) return std::nullopt;
    metrics_.admin_request(AdminRoutes::name_of(request), 401);
    logger_.warn("request without the token refused");
    listener::Answer answer = error_answer(401, "unauthorized", "the token is missing or wrong");
    answer.challenge = "Bearer realm=\"signwatch\"";
    return answer;
}

Task<listener::Answer> AdminServer::answer(listener::Request request) {
    Handled handled = co_await routes_.handle(std::move(request));
    const int status = handled.answer.status;
    metrics_.admin_request(handled.route, status);
    if (status >= 500)
        logger_.error("request failed", {{"route", handled.route}, {"status", status}, {"error", handled.failure}});
    else if (!only_reads(handled.route))
        logger_.info("request", {{"route", handled.route}, {"status", status}});
    co_return std::move(handled.answer);
}

listener::Answer AdminServer::refuse(int status) {
    metrics_.admin_request("none", status);
    return answer_to_improper(status);
}

}  // namespace signwatch::admin
