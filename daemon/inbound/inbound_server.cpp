#include "daemon/inbound/inbound_server.hpp"

#include <algorithm>
#include <utility>

#include "daemon/inbound/client_address.hpp"
#include "daemon/listener/tls_files.hpp"

namespace signwatch::inbound {
namespace {

constexpr std::size_t bytes_per_token = 64 << 10;
constexpr std::size_t smallest_body_limit = 64 << 10;
// Waited for or not: how many senders' notifications a slow store may pile up.
constexpr std::size_t most_unfinished = 8'192;
constexpr std::chrono::milliseconds answer_time{15'000};

listener::Limits limits_of(const config::InboundSettings& settings, const Routes& routes) {
    listener::Limits limits;
    limits.connections = settings.connections;
    limits.idle_give_way = true;
    // All connections of a proxy come from one address.
    limits.connections_per_address = settings.behind_proxy() ? 0 : settings.connections_per_address;
    limits.header_bytes = settings.header_size;
    limits.body_bytes = std::max(routes.max_body(), smallest_body_limit);
    limits.bodies_bytes = std::max(settings.body_memory, limits.body_bytes);
    limits.request_time = settings.request_timeout;
    limits.header_time = settings.header_timeout;
    limits.least_body_rate = settings.least_body_rate;
    limits.answer_time = answer_time;
    limits.idle_time = settings.idle_timeout;
    return limits;
}

FloodGate gate_by_address(const config::InboundSettings& settings) {
    return {settings.rate_per_address, settings.burst_per_address};
}

FloodGate gate_by_account(const config::InboundSettings& settings) {
    return {settings.rate_per_account, settings.burst_per_account};
}

}  // namespace

Adoption Adoption::read(const config::InboundSettings& settings, std::vector<Listening> accounts) {
    Adoption adoption{settings, std::nullopt, Routes(std::move(accounts))};
    if (!settings.certificate_file.empty()) {
        adoption.tls = listener::read_tls({settings.certificate_file,
                                           settings.key_file,
                                           settings.client_ca_file,
                                           !settings.client_certificate_required});
    }
    return adoption;
}

InboundServer::InboundServer(const boost::asio::any_io_executor& loop, Adoption adoption, const InboundParts& parts)
    : clock_(parts.clock),
      observer_(parts.observer),
      metrics_(parts.metrics),
      logger_(parts.log.logger("inbound")),
      settings_(std::move(adoption.settings)),
      routes_(std::move(adoption.routes)),
      by_address_(gate_by_address(settings_)),
      by_account_(gate_by_account(settings_)),
      queueing_(loop,
                parts.inbox,
                [this](const std::string&, const std::string& failure) {
                    logger_.error("a notification could not be queued", {{"error", failure}});
                }),
      listener_(loop, settings_.listen, parts.log.logger("inbound"), make_handlers(), limits_of(settings_, routes_)) {
    if (adoption.tls) listener_.use(std::move(*adoption.tls));
}

void InboundServer::adopt(Adoption adoption) {
    settings_ = std::move(adoption.settings);
    routes_ = std::move(adoption.routes);
    by_address_ = gate_by_address(settings_);
    by_account_ = gate_by_account(settings_);
    listener_.use(limits_of(settings_, routes_));
    if (adoption.tls) listener_.use(std::move(*adoption.tls));
}

listener::Handlers InboundServer::make_handlers() {
    listener::Handlers handlers;
    handlers.welcome = [this](const listener::Peer& peer) { return welcomes(peer); };
    handlers.admit = [this](const listener::Request& request) { return admit(request); };
    handlers.answer = [this](listener::Request request) { return answer(std::move(request)); };
    handlers.refuse = [this](int status) { return refuse(status); };
    handlers.dropped = [this](std::string_view why) { metrics_.webhook_rejected(why); };
    return handlers;
}

bool InboundServer::welcomes(const listener::Peer& peer) const {
    // On TCP: it has gone already.
    if (!peer.address) return settings_.listen.is_unix();
    const bool proxied = settings_.behind_proxy();
    const std::vector<config::Network>& expected = proxied ? settings_.trusted_proxies : settings_.allowed;
    return expected.empty() || config::any_contains(expected, *peer.address);
}

std::optional<config::Address> InboundServer::client_of(const listener::Request& request) const {
    const auto& peer = request.peer->address;
    return settings_.behind_proxy() ? client_behind(peer, request.headers, settings_.trusted_proxies) : peer;
}

// Looks at nothing that depends on an account: its answer comes before the body.
std::optional<listener::Answer> InboundServer::admit(const listener::Request& request) {
    const std::optional<config::Address> client = client_of(request);
    if (!settings_.allowed.empty() && !(client && config::any_contains(settings_.allowed, *client))) {
        metrics_.webhook_rejected("not_welcome");
        return refusal();
    }
    if (by_address_.pass(counting_key(client), clock_.steady_now())) return std::nullopt;
    metrics_.webhook_rejected("flood_of_address");
    return unavailable(503);
}

Task<listener::Answer> InboundServer::answer(listener::Request request) {
    const auto begun = clock_.steady_now();
    const std::optional<config::Address> client = client_of(request);
    by_address_.charge(counting_key(client), static_cast<double>(request.body.size() / bytes_per_token), begun);
    Verdict verdict = judge(routes_, request, client);
    // A reload may take the account away while its notification is queued.
    std::string account = verdict.account ? verdict.account->door.account : std::string();
    if (!verdict.refused.empty()) {
        tell({account, WebhookResult::refused, verdict.refused, {}}, begun);
        co_return refusal();
    }
    if (!verdict.answer.queue) {
        tell({account, WebhookResult::answered, {}, {}}, begun);
        co_return to_answer(std::move(verdict.answer));
    }
    const int unavailable_status = verdict.account->webhooks->unavailable_status();
    const bool room = queueing_.running() < most_unfinished;
    if (!room || !by_account_.pass(account, begun)) {
        metrics_.webhook_rejected(room ? "flood_of_account" : "queue_full");
        tell({account, WebhookResult::unavailable, {}, {}}, begun);
        co_return unavailable(unavailable_status);
    }
    WebhookAnswer said = std::move(verdict.answer);
    co_return co_await queue(std::move(request), std::move(account), std::move(said), unavailable_status, begun);
}

Task<listener::Answer> InboundServer::queue(listener::Request request,
                                            std::string account,
                                            WebhookAnswer said,
                                            int unavailable_status,
                                            FloodGate::Moment begun) {
    Notification notification;
    notification.account = account;
    notification.dedup_key = std::move(said.dedup_key);
    notification.body = std::move(request.body);
    notification.received_at = clock_.now();
    listener::BodyShare share = std::move(request.share);
    const std::chrono::milliseconds patience = settings_.queue_timeout;
    const Queued queued = co_await queueing_.queue(std::move(notification), std::move(share), patience);
    if (queued == Queued::fresh || queued == Queued::duplicate) {
        const bool fresh = queued == Queued::fresh;
        tell({account, fresh ? WebhookResult::queued : WebhookResult::repeated, {}, {}}, begun);
        co_return to_answer(std::move(said));
    }
    metrics_.webhook_rejected(queued == Queued::failed ? "queue_failed" : "queue_slow");
    tell({account, WebhookResult::unavailable, {}, {}}, begun);
    co_return unavailable(unavailable_status);
}

listener::Answer InboundServer::refuse(int status) {
    if (status == 503) {
        metrics_.webhook_rejected("bodies_full");
        return unavailable(status);
    }
    metrics_.webhook_rejected(status == 413 ? "body_too_large" : status == 431 ? "header_too_large" : "no_http");
    listener::Answer answer = refusal();
    answer.status = status;
    return answer;
}

void InboundServer::tell(const WebhookReport& what, FloodGate::Moment begun) {
    WebhookReport report = what;
    report.duration = std::chrono::duration_cast<std::chrono::microseconds>(clock_.steady_now() - begun);
    observer_.webhook_received(report);
}

}  // namespace signwatch::inbound
