#include <stdexcept>

#include "tests/simulator/adobe/hook_api.hpp"
#include "tests/simulator/control_calls.hpp"

namespace signwatch::simulator::adobe {
namespace {

using nlohmann::json;

double ms(microseconds time) {
    return static_cast<double>(time.count()) / 1000.0;
}

json describe(const Webhook& webhook, microseconds next) {
    json result{{"webhook", webhook.id},
                {"url", webhook.spec.url},
                {"agreement", webhook.spec.agreement},
                {"active", webhook.active},
                {"queued", webhook.train.size()},
                {"acknowledged", webhook.acknowledged},
                {"lost", webhook.lost},
                {"last_success_ms", nullptr},
                {"next_attempt_ms", nullptr}};
    if (webhook.last_success) result["last_success_ms"] = ms(*webhook.last_success);
    if (next < never) result["next_attempt_ms"] = ms(next);
    return result;
}

std::string_view name_of(Notification::State state) {
    if (state == Notification::State::acknowledged) return "acknowledged";
    return state == Notification::State::lost ? "lost" : "queued";
}

}  // namespace

std::optional<Reply> AdobeHookApi::control(const Call& call) {
    const bool get = call.method == "GET";
    if (get && call.target == "/notifications") return notifications();
    if (get && call.target == "/webhooks") {
        json webhooks = json::array();
        for (const Webhook& webhook : parts_.book.webhooks())
            webhooks.push_back(describe(webhook, parts_.book.next_due(webhook)));
        return json_reply({{"webhooks", std::move(webhooks)}});
    }
    if (call.method != "POST") return std::nullopt;
    if (call.target == "/webhooks") return control_create(call);
    if (call.target == "/webhooks/state") return control_state(call);
    if (call.target == "/webhooks/replay") return control_replay(call);
    return std::nullopt;
}

Webhook& AdobeHookApi::named_in(const json& body) {
    Webhook* const webhook = parts_.book.find(body.at("webhook").get<std::string>());
    if (webhook == nullptr) throw std::invalid_argument("no such webhook");
    return *webhook;
}

// Unless "check" is false, the listener is asked first, as Adobe does it.
Reply AdobeHookApi::control_create(const Call& call) {
    const json body = json::parse(call.body);
    HookSpec spec;
    spec.url = body.at("url").get<std::string>();
    if (!read_hook_url(spec.url)) throw std::invalid_argument("url is https on this machine");
    spec.name = body.value("name", spec.name);
    spec.agreement = body.value("agreement", "");
    spec.client_id = body.value("client_id", parts_.client_id);
    spec.events = body.value("events", spec.events);
    spec.detailed = body.value("detailed", spec.detailed);
    spec.participants = body.value("participants", spec.participants);
    spec.documents = body.value("documents", spec.documents);
    spec.signed_documents = body.value("signed_documents", spec.signed_documents);
    const Wish wish{.spec = spec, .for_client = false};
    if (!body.value("check", true)) return granted(wish);
    return {.later = [this, wish] { return when_wanted(wish); }};
}

Reply AdobeHookApi::control_state(const Call& call) {
    const json body = json::parse(call.body);
    Webhook& webhook = named_in(body);
    const Wish wish{.spec = webhook.spec, .id = webhook.id, .for_client = false};
    if (!body.at("active").get<bool>()) {
        parts_.book.set_active(webhook, false, parts_.clock.now().virtual_time);
        return json_reply(describe(webhook, never));
    }
    if (!body.value("check", true)) return granted(wish);
    return {.later = [this, wish] { return when_wanted(wish); }};
}

Reply AdobeHookApi::control_replay(const Call& call) {
    const json body = json::parse(call.body);
    Webhook& webhook = named_in(body);
    const int times = body.value("times", 1);
    if (times < 1 || times > 100'000) throw std::invalid_argument("times is 1 to 100000");
    if (!parts_.book.replay(webhook, times, parts_.clock.now().virtual_time))
        throw std::invalid_argument("nothing was acknowledged yet");
    parts_.sender.wake();
    return json_reply(describe(webhook, parts_.book.next_due(webhook)));
}

Reply AdobeHookApi::notifications() const {
    json list = json::array();
    for (const Notification& one : parts_.book.notifications()) {
        json line{{"id", one.id},
                  {"webhook", one.hook},
                  {"agreement", one.agreement->id},
                  {"event", one.event.hook},
                  {"repeat", one.repeat},
                  {"state", name_of(one.state)},
                  {"attempts", one.attempts},
                  {"last_status", one.last_status},
                  {"queued_ms", ms(one.queued)},
                  {"acknowledged_ms", nullptr}};
        if (one.acknowledged) line["acknowledged_ms"] = ms(*one.acknowledged);
        list.push_back(std::move(line));
    }
    return json_reply({{"notifications", std::move(list)}});
}

}  // namespace signwatch::simulator::adobe
