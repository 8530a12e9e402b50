#include "daemon/inbound/reception.hpp"

#include <algorithm>
#include <utility>

namespace signwatch::inbound {
namespace {

listener::Answer bare(int status) {
    listener::Answer answer;
    answer.status = status;
    answer.content_type.clear();
    return answer;
}

bool shows_certificate(const config::WebhookDoor& door, const listener::Peer& peer) {
    if (!door.client_certificate) return true;
    const auto fits = [&](const std::string& pin) {
        return pin == peer.key_pin || (pin.starts_with("subject:") && pin.substr(8) == peer.subject);
    };
    return peer.certified && (door.client_pins.empty() || std::ranges::any_of(door.client_pins, fits));
}

/// What is wrong with the request before the provider's side is asked; empty: nothing.
std::string_view objection(const Listening* account,
                           const listener::Request& request,
                           const std::optional<config::Address>& client) {
    if (!account) return "unknown_path";
    if (request.method != "GET" && request.method != "POST") return "method";
    const config::WebhookDoor& door = account->door;
    const bool from_there = door.allowed.empty() || (client && config::any_contains(door.allowed, *client));
    if (!from_there) return "address";
    if (!request.peer || !shows_certificate(door, *request.peer)) return "client_certificate";
    return request.body.size() > account->webhooks->max_body() ? "body_too_large" : std::string_view();
}

}  // namespace

Verdict judge(const Routes& routes, const listener::Request& request, const std::optional<config::Address>& client) {
    Verdict verdict;
    verdict.account = routes.find(request.target);
    verdict.refused = objection(verdict.account, request, client);
    const WebhookRequest asked{request.method, request.headers, request.body};
    if (verdict.account) {
        verdict.answer = verdict.account->webhooks->answer(asked);
        if (verdict.refused.empty()) verdict.refused = verdict.answer.refused;
    }
    if (!verdict.refused.empty()) routes.repeat_work(verdict.account, asked);
    return verdict;
}

listener::Answer refusal() {
    return bare(400);
}

listener::Answer unavailable(int status) {
    listener::Answer answer = bare(status);
    answer.more_headers.push_back({"Retry-After", "5"});
    return answer;
}

listener::Answer to_answer(WebhookAnswer said) {
    listener::Answer answer = bare(said.status);
    answer.body = std::move(said.body);
    answer.more_headers = std::move(said.headers);
    return answer;
}

}  // namespace signwatch::inbound
