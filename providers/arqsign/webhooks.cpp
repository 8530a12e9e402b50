#include "providers/arqsign/webhooks.hpp"

#include <algorithm>
#include <strings.h>

#include "core/crypto/digest.hpp"
#include "core/crypto/encoding.hpp"
#include "core/domain/error.hpp"
#include "core/json/folding.hpp"
#include "providers/arqsign/credentials.hpp"
#include "providers/arqsign/notification.hpp"

namespace signwatch::arqsign {
namespace {

constexpr std::size_t digest_bytes = 32;
constexpr std::size_t longest_signature = 128;

std::string_view signature_in(const std::vector<HttpHeader>& headers) {
    const auto found = std::ranges::find_if(
        headers, [](const HttpHeader& header) { return ::strcasecmp(header.name.c_str(), "hmac") == 0; });
    return found == headers.end() ? std::string_view() : json::trimmed(found->value);
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string from_hex(std::string_view text) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        const int high = hex_digit(text[i]);
        const int low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0) return {};
        bytes += static_cast<char>(high * 16 + low);
    }
    return bytes;
}

/// What the sender computed; zeros if the header holds nothing of the kind, so that comparing takes its time.
std::string claimed_digest(std::string_view signature, bool hex) {
    std::string bytes;
    if (hex && signature.size() == 2 * digest_bytes)
        bytes = from_hex(signature);
    else if (signature.size() <= longest_signature)
        bytes = crypto::from_base64(signature).value_or("");
    return bytes.size() == digest_bytes ? bytes : std::string(digest_bytes, '\0');
}

WebhookAnswer refusal(std::string_view why) {
    WebhookAnswer answer;
    answer.refused = why;
    return answer;
}

bool is_ours(const std::vector<std::string>& ours, const std::string& named) {
    return ours.empty() || std::ranges::find(ours, named) != ours.end();
}

}  // namespace

ArqSignWebhooks::ArqSignWebhooks(WebhookSettings settings)
    : settings_(std::move(settings)), keys_(read_keys(settings_.hmac_key_file)) {}

// Each key is tried, whether an earlier one fitted or not.
bool ArqSignWebhooks::is_genuine(const WebhookRequest& request) const {
    const std::string claimed = claimed_digest(signature_in(request.headers), settings_.hmac_hex);
    bool genuine = false;
    for (const Secret& key : keys_) {
        const crypto::Sha256Bytes digest = crypto::hmac_sha256(key.reveal(), request.body);
        const std::string_view computed(reinterpret_cast<const char*>(digest.data()), digest.size());
        genuine |= crypto::equal_constant_time(claimed, computed);
    }
    return genuine;
}

WebhookAnswer ArqSignWebhooks::answer(const WebhookRequest& request) const {
    const bool genuine = is_genuine(request);
    if (request.method != "POST") return refusal("method");
    if (!genuine) return refusal("bad_hmac");
    WebhookAnswer accepted;
    accepted.status = 200;
    accepted.queue = true;
    const std::string hash = crypto::sha256_hex(request.body);
    try {
        const WireNotification notification = parse_notification(request.body, settings_.max_body);
        if (!is_ours(settings_.webhook_ids, notification.webhook_id)) return refusal("unknown_webhook");
        if (!settings_.account_id.empty() && notification.account_id != settings_.account_id)
            return refusal("unknown_account");
        accepted.dedup_key =
            notification.process_id + "/" + std::to_string(static_cast<int>(notification.trigger)) + "/" + hash;
    } catch (const Error&) {
        // Genuine, so refusing it would only make ArqSign repeat it until the webhook is disabled; `read` says what is
        // wrong with it.
        accepted.dedup_key = "unreadable/" + hash;
    }
    return accepted;
}

std::vector<ProcessHint> ArqSignWebhooks::read(std::string_view body) const {
    try {
        const WireNotification notification = parse_notification(body, settings_.max_body);
        ProcessHint hint;
        hint.process_id = notification.process_id;
        hint.ended = ends(notification.trigger);
        return {hint};
    } catch (const Error& error) {
        throw Error(ErrorKind::permanent, error.code(), error.what());
    }
}

}  // namespace signwatch::arqsign
