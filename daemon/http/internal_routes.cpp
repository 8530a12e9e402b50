#include "daemon/http/internal_routes.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace signwatch::internal_http {
namespace {

InternalAnswer text_answer(int status, std::string text) {
    InternalAnswer answer;
    answer.status = status;
    answer.body = std::move(text);
    answer.body += '\n';
    return answer;
}

InternalAnswer method_not_allowed(std::string allow) {
    InternalAnswer answer = text_answer(405, "method not allowed");
    answer.allow = std::move(allow);
    return answer;
}

bool reads(const InternalRequest& request) {
    return request.method == "GET" || request.method == "HEAD";
}

bool has_flag(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view part = query.substr(0, end);
        if (part == name || (part.starts_with(name) && part.substr(name.size()).starts_with('='))) return true;
        query.remove_prefix(std::min(end + 1, query.size()));
    }
    return false;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blank = " \t\r\n";
    const std::size_t first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

std::string verbose_body(const Health& health) {
    nlohmann::json checks = nlohmann::json::array();
    for (const auto& [name, check] : health.checks()) {
        nlohmann::json entry;
        entry["name"] = name;
        entry["state"] = check.ok ? "ok" : "degraded";
        entry["gates"] = gates_readiness(name);
        entry["since"] = to_rfc3339(check.since);
        entry["detail"] = check.detail;
        checks.push_back(std::move(entry));
    }
    nlohmann::json body;
    body["ready"] = health.ready();
    body["started"] = health.is_started();
    body["draining"] = health.is_draining();
    body["checks"] = std::move(checks);
    return body.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string unready_reason(const Health& health) {
    if (!health.is_started()) return "starting";
    if (health.is_draining()) return "draining";
    std::string parts;
    for (const auto& [name, check] : health.checks()) {
        if (!check.ok && gates_readiness(name)) parts += (parts.empty() ? "" : ", ") + name;
    }
    return "degraded: " + parts;
}

}  // namespace

InternalAnswer InternalRoutes::answer(const InternalRequest& request) const {
    const std::size_t mark = std::min(request.target.find('?'), request.target.size());
    const std::string_view path = request.target.substr(0, mark);
    const std::string_view query = request.target.substr(std::min(mark + 1, request.target.size()));
    if (path == "/-/log-level") return log_level(request, query);

    const bool known = path == "/metrics" || path == "/livez" || path == "/-/healthy" || path == "/readyz" ||
                       path == "/-/ready" || path == "/startupz";
    if (!known) return text_answer(404, "not found");
    if (!reads(request)) return method_not_allowed("GET, HEAD");
    if (path == "/metrics") return metrics();
    if (path == "/startupz") return startupz();
    if (path == "/livez" || path == "/-/healthy") return livez();
    return readyz(has_flag(query, "verbose"));
}

InternalAnswer InternalRoutes::metrics() const {
    InternalAnswer answer;
    answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
    answer.body = hooks_.render_metrics();
    return answer;
}

InternalAnswer InternalRoutes::livez() const {
    return health_.live() ? text_answer(200, "ok") : text_answer(503, health_.checks().at("loops").detail);
}

InternalAnswer InternalRoutes::readyz(bool verbose) const {
    const int status = health_.ready() ? 200 : 503;
    if (!verbose) return text_answer(status, health_.ready() ? "ok" : unready_reason(health_));
    InternalAnswer answer;
    answer.status = status;
    answer.content_type = "application/json";
    answer.body = verbose_body(health_);
    return answer;
}

InternalAnswer InternalRoutes::startupz() const {
    return health_.is_started() ? text_answer(200, "ok") : text_answer(503, "starting");
}

InternalAnswer InternalRoutes::log_level(const InternalRequest& request, std::string_view query) const {
    if (reads(request)) return text_answer(200, hooks_.log_level());
    if (request.method != "PUT") return method_not_allowed("GET, HEAD, PUT");
    if (!request.trusted) return text_answer(403, "only from this machine");
    constexpr std::string_view parameter = "level=";
    const std::string_view level =
        query.starts_with(parameter) ? query.substr(parameter.size()) : trimmed(request.body);
    if (!hooks_.set_log_level(level)) return text_answer(400, "level must be trace, debug, info, warn, error or off");
    return text_answer(200, hooks_.log_level());
}

}  // namespace signwatch::internal_http
