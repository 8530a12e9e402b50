#include <stdexcept>

#include <nlohmann/json.hpp>

#include "tests/simulator/arqsign/sender.hpp"

namespace signwatch::simulator {
namespace {

using nlohmann::json;

double ms(microseconds time) {
    return static_cast<double>(time.count()) / 1000.0;
}

json describe(const ArqSignHook& hook, const std::optional<microseconds>& next) {
    return {{"webhook", hook.id},
            {"url", hook.spec.url},
            {"status", static_cast<int>(hook.status)},
            {"dead_triggers", hook.dead_triggers},
            {"deliveries", hook.deliveries.size()},
            {"pending", hook.pending.size()},
            {"next_attempt_ms", next ? json(ms(*next)) : json()}};
}

std::string_view name_of(ArqSignDelivery::State state) {
    if (state == ArqSignDelivery::State::acknowledged) return "acknowledged";
    return state == ArqSignDelivery::State::lost ? "lost" : "queued";
}

}  // namespace

std::optional<Reply> ArqSignSender::control(const Call& call) {
    const bool get = call.method == "GET";
    if (get && call.target == "/webhooks") return list_hooks();
    if (get && call.target == "/notifications") return list_deliveries();
    if (call.method == "POST" && call.target == "/webhooks") return add_hook(call);
    if (call.method == "POST" && call.target == "/webhooks/state") return change_hook(call);
    return std::nullopt;
}

Reply ArqSignSender::add_hook(const Call& call) {
    const json body = json::parse(call.body);
    ArqSignHookSpec spec;
    spec.url = body.at("url").get<std::string>();
    if (!read_hook_url(spec.url)) throw std::invalid_argument("url is https on this machine");
    spec.triggers = body.value("triggers", spec.triggers);
    if (spec.triggers.empty() || *spec.triggers.begin() < 1 || *spec.triggers.rbegin() > 8)
        throw std::invalid_argument("triggers are 1 to 8");
    spec.wait_for_answer = body.value("wait", spec.wait_for_answer);
    spec.process = body.value("process", spec.process);
    spec.signers = body.value("signers", spec.signers);
    spec.documents = body.value("documents", spec.documents);
    spec.links = body.value("links", spec.links);
    ArqSignHook& hook = parts_.book.add(spec, parts_.clock.now().virtual_time);
    serve(hook);
    return json_reply({{"webhook", hook.id}, {"account", parts_.book.account()}, {"hmac_key", hook.hmac_key}}, 201);
}

Reply ArqSignSender::change_hook(const Call& call) {
    const json body = json::parse(call.body);
    ArqSignHook* const hook = parts_.book.find(body.at("webhook").get<std::string>());
    if (hook == nullptr) throw std::invalid_argument("no such webhook");
    parts_.book.set_active(*hook, body.at("active").get<bool>(), parts_.clock.now().virtual_time);
    wake();
    return json_reply(describe(*hook, parts_.book.next_due(*hook)));
}

Reply ArqSignSender::list_hooks() {
    json hooks = json::array();
    for (const ArqSignHook& hook : parts_.book.hooks())
        hooks.push_back(describe(hook, parts_.book.next_due(hook)));
    return json_reply({{"account", parts_.book.account()}, {"webhooks", std::move(hooks)}});
}

Reply ArqSignSender::list_deliveries() {
    json list = json::array();
    for (const ArqSignHook& hook : parts_.book.hooks()) {
        for (const ArqSignDelivery& one : hook.deliveries) {
            list.push_back({{"webhook", hook.id},
                            {"process", one.process->id},
                            {"trigger", static_cast<int>(one.event.trigger)},
                            {"repeat", one.repeat},
                            {"state", name_of(one.state)},
                            {"attempts", one.attempts},
                            {"last_status", one.last_status}});
        }
    }
    return json_reply({{"notifications", std::move(list)}});
}

}  // namespace signwatch::simulator
