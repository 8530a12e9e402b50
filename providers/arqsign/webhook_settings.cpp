#include "providers/arqsign/webhook_settings.hpp"

#include "core/json/folding.hpp"
#include "providers/arqsign/config.hpp"

namespace signwatch::arqsign {
namespace {

constexpr std::size_t most_webhooks = 25;

// As the provider shows them, in any case.
std::string read_id(config::Section& account, const char* key, const std::string& text) {
    std::string id = json::fold_key(text);
    if (!is_process_id(id)) {
        account.report(key,
                       "\"" + text + "\" is not an id of ArqSign",
                       "write the GUID, such as \"f4c0de00-0000-4000-8000-00000000beef\"");
    }
    return id;
}

// Else a webhook that nobody answers would seem to be configured.
void check_for_key(config::Section& account) {
    if (account.has("webhook_hmac_key_file") || account.has("webhook_hmac_key_credential")) return;
    for (const char* const key : {"webhook_ids",
                                  "webhook_account_id",
                                  "webhook_hmac_hex",
                                  "webhook_max_body",
                                  "webhook_path",
                                  "webhook_path_file",
                                  "webhook_path_credential",
                                  "webhook_allowed_cidrs",
                                  "webhook_client_certificate",
                                  "webhook_client_pins"}) {
        if (!account.has(key)) continue;
        account.report(key,
                       "`" + std::string(key) + "` has no effect without the webhook's key",
                       "add webhook_hmac_key_file: ArqSign shows the key when the webhook is made");
    }
}

}  // namespace

WebhookSettings read_webhook_settings(config::Section& account) {
    WebhookSettings settings;
    settings.hmac_key_file = account.file("webhook_hmac_key", true);
    settings.hmac_hex = account.boolean("webhook_hmac_hex", false);
    const std::vector<std::string> ids = account.texts("webhook_ids", {});
    for (const std::string& id : ids)
        settings.webhook_ids.push_back(read_id(account, "webhook_ids", id));
    if (ids.size() > most_webhooks)
        account.report("webhook_ids", "an account of ArqSign has at most 25 webhooks", "name its own alone");
    const std::string account_id = account.text("webhook_account_id", "");
    if (!account_id.empty()) settings.account_id = read_id(account, "webhook_account_id", account_id);
    settings.max_body = account.size("webhook_max_body", settings.max_body, 64ULL << 10, 64ULL << 20);
    check_for_key(account);
    return settings;
}

}  // namespace signwatch::arqsign
