#include "providers/adobe_sign/webhooks.hpp"

#include "core/crypto/digest.hpp"
#include "core/domain/error.hpp"
#include "core/json/folding.hpp"
#include "providers/adobe_sign/config.hpp"
#include "providers/adobe_sign/notification.hpp"

namespace signwatch::adobe_sign {
namespace {

constexpr const char* client_header = "X-AdobeSign-ClientId";
constexpr const char* folded_client_header = "x-adobesign-clientid";

WebhookAnswer refusal(std::string_view why) {
    WebhookAnswer answer;
    answer.refused = why;
    return answer;
}

WebhookAnswer echo(const std::string& client) {
    WebhookAnswer answer;
    answer.status = 200;
    answer.headers.push_back({client_header, client});
    answer.headers.push_back({"Content-Type", "application/json"});
    answer.body = "{\"xAdobeSignClientId\":\"" + client + "\"}";
    return answer;
}

std::string key_of(std::string_view body) {
    Notification notification;
    try {
        notification = parse_notification(body);
    } catch (const Error&) {
        // Told apart by its bytes alone.
    }
    return dedup_key_of(notification, body);
}

}  // namespace

WebhookAnswer AdobeWebhooks::answer(const WebhookRequest& request) const {
    const std::string* client = client_in(request.headers);
    if (!client) return refusal("unknown_client");
    if (request.method == "GET") return echo(*client);
    if (request.method != "POST") return refusal("bad_method");
    WebhookAnswer answer = echo(*client);
    answer.queue = true;
    answer.dedup_key = key_of(request.body);
    return answer;
}

std::vector<ProcessHint> AdobeWebhooks::read(std::string_view body) const {
    Notification notification;
    try {
        notification = parse_notification(body);
    } catch (const Error& error) {
        throw Error(ErrorKind::permanent, error.code(), error.what());
    }
    if (!is_worth_a_look(notification) || !is_agreement_id(notification.agreement_id)) return {};
    ProcessHint hint;
    hint.process_id = std::move(notification.agreement_id);
    hint.reference = std::move(notification.reference);
    hint.restarted = notification.event == "AGREEMENT_RESTARTED";
    return {std::move(hint)};
}

std::size_t AdobeWebhooks::max_body() const {
    return largest_notification;
}

// Every known id is compared, in a time that tells nothing of how much was right.
const std::string* AdobeWebhooks::client_in(const std::vector<HttpHeader>& headers) const {
    const std::string* known = nullptr;
    int count = 0;
    for (const HttpHeader& header : headers) {
        if (json::fold_key(header.name) != folded_client_header) continue;
        ++count;
        const std::string_view claimed = json::trimmed(header.value);
        for (const std::string& client : client_ids_) {
            if (crypto::equal_constant_time(claimed, client)) known = &client;
        }
    }
    return count == 1 ? known : nullptr;
}

}  // namespace signwatch::adobe_sign
