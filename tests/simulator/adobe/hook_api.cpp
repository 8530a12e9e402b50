#include "tests/simulator/adobe/hook_api.hpp"

#include <stdexcept>

#include "core/crypto/digest.hpp"
#include "tests/simulator/control_calls.hpp"

namespace signwatch::simulator::adobe {
namespace {

using nlohmann::json;

Reply json_text(const ordered_json& body, unsigned status = 200) {
    return {.status = status, .content_type = "application/json;charset=UTF-8", .text = body.dump()};
}

bool flag_in(const json& parameters, const char* name) {
    return parameters.value(name, false);
}

HookSpec spec_in(const json& body, const std::string& client_id) {
    HookSpec spec;
    spec.name = body.at("name").get<std::string>();
    spec.url = body.at("webhookUrlInfo").at("url").get<std::string>();
    spec.agreement = body.value("resourceId", "");
    spec.client_id = client_id;
    spec.events = body.at("webhookSubscriptionEvents").get<std::set<std::string>>();
    if (spec.events.empty()) throw std::invalid_argument("no events");
    const json conditions = body.value("webhookConditionalParams", json::object());
    const json parameters = conditions.value("webhookAgreementEvents", json::object());
    spec.detailed = flag_in(parameters, "includeDetailedInfo");
    spec.participants = flag_in(parameters, "includeParticipantsInfo");
    spec.documents = flag_in(parameters, "includeDocumentsInfo");
    spec.signed_documents = flag_in(parameters, "includeSignedDocuments");
    return spec;
}

}  // namespace

ordered_json AdobeHookApi::body_of(const Webhook& webhook) const {
    const HookSpec& spec = webhook.spec;
    const Calendar& calendar = parts_.world.calendar();
    ordered_json body;
    body["id"] = webhook.id;
    body["name"] = spec.name;
    body["scope"] = spec.agreement.empty() ? "ACCOUNT" : "RESOURCE";
    body["resourceType"] = "AGREEMENT";
    if (!spec.agreement.empty()) body["resourceId"] = spec.agreement;
    body["status"] = webhook.active ? "ACTIVE" : "INACTIVE";
    body["applicationName"] = "Simulated";
    body["applicationDisplayName"] = "Simulated";
    body["created"] = adobe_date(calendar.wall_at(webhook.created));
    body["lastModified"] = adobe_date(calendar.wall_at(webhook.modified));
    body["webhookSubscriptionEvents"] = spec.events;
    body["webhookUrlInfo"] = {{"url", spec.url}};
    body["webhookConditionalParams"] = {{"webhookAgreementEvents",
                                         {{"includeDetailedInfo", spec.detailed},
                                          {"includeDocumentsInfo", spec.documents},
                                          {"includeParticipantsInfo", spec.participants},
                                          {"includeSignedDocuments", spec.signed_documents}}}};
    return body;
}

// The same that a GET of the webhook carries.
std::string AdobeHookApi::etag_of(const Webhook& webhook) const {
    return "D" + crypto::sha256_hex(body_of(webhook).dump()).substr(0, 12);
}

Reply AdobeHookApi::handle(const Call& call, const Target& target, const Moment& now) {
    parts_.referee.count("webhooks_looked_at");
    const bool one = target.path.size() >= 2;
    if (!one && call.method == "POST") return create(call);
    if (!one && call.method == "GET") return list(target.parameter("showInactiveWebhooks") == "true");
    Webhook* const webhook = one ? parts_.book.find(target.path[1]) : nullptr;
    if (webhook == nullptr) return error_reply(404, "INVALID_WEBHOOK_ID");
    if (target.path.size() == 2 && call.method == "GET") return json_text(body_of(*webhook));
    if (target.path.size() == 2 && call.method == "DELETE") {
        parts_.book.remove(webhook->id);
        return {.status = 204};
    }
    if (target.path.size() == 3 && target.path[2] == "state" && call.method == "PUT")
        return change_state(call, *webhook, now);
    throw std::invalid_argument("no such call");
}

Reply AdobeHookApi::list(bool inactive_too) {
    ordered_json webhooks = ordered_json::array();
    for (const Webhook& webhook : parts_.book.webhooks()) {
        if ((webhook.active || inactive_too) && !webhook.spec.events.empty()) webhooks.push_back(body_of(webhook));
    }
    return json_text({{"userWebhookList", std::move(webhooks)}, {"page", {{"nextCursor", " "}}}});
}

Reply AdobeHookApi::create(const Call& call) {
    const Wish wish{.spec = spec_in(json::parse(call.body), parts_.client_id)};
    return {.later = [this, wish] { return when_wanted(wish); }};
}

Reply AdobeHookApi::change_state(const Call& call, Webhook& webhook, const Moment& now) {
    const std::string_view known = call.header("If-Match");
    if (known.empty()) return error_reply(400, "MISSING_IF_MATCH_HEADER");
    if (known != etag_of(webhook)) return error_reply(412, "RESOURCE_MODIFIED");
    const std::string state = json::parse(call.body).at("state").get<std::string>();
    if (state != "ACTIVE" && state != "INACTIVE") return error_reply(400, "INVALID_WEBHOOK_STATE");
    if (state == "INACTIVE") {
        parts_.book.set_active(webhook, false, now.virtual_time);
        return {.status = 204};
    }
    const Wish wish{.spec = webhook.spec, .id = webhook.id};
    return {.later = [this, wish] { return when_wanted(wish); }};
}

Task<Reply> AdobeHookApi::when_wanted(Wish wish) {
    const std::string url = wish.spec.url;
    const std::string client_id = wish.spec.client_id;
    const bool wanted = co_await parts_.sender.wanted(url, client_id);
    if (!wanted && wish.for_client) co_return error_reply(400, "INVALID_WEBHOOK_URL");
    if (!wanted) co_return json_reply({{"error", "the listener does not echo the client id"}}, 400);
    co_return granted(wish);
}

Reply AdobeHookApi::granted(const Wish& wish) {
    const microseconds now = parts_.clock.now().virtual_time;
    Webhook* webhook = wish.id.empty() ? nullptr : parts_.book.find(wish.id);
    if (webhook == nullptr) {
        webhook = &parts_.book.add(wish.spec, now);
        parts_.sender.serve(*webhook);
    }
    parts_.book.set_active(*webhook, true, now);
    parts_.sender.wake();
    if (!wish.for_client) return json_reply({{"webhook", webhook->id}}, 201);
    if (!wish.id.empty()) return {.status = 204};
    Reply reply = json_text({{"id", webhook->id}}, 201);
    reply.fields = "Location: /api/rest/v6/webhooks/" + webhook->id + "\r\n";
    return reply;
}

}  // namespace signwatch::simulator::adobe
