#pragma once

#include <string>
#include <vector>

#include "core/domain/sensitive.hpp"
#include "core/ports/webhooks.hpp"
#include "providers/arqsign/webhook_settings.hpp"

namespace signwatch::arqsign {

/// What ArqSign's webhooks mean (posten-arqsign 2.12): signed by an HMAC over the raw body, answered 200 or else
/// repeated, up to 14 times; after that, or after a 401, 403 or 404, the webhook is disabled.
class ArqSignWebhooks final : public Webhooks {
public:
    /// Reads the keys: one a line, since each webhook of an account has its own. Throws Error(permanent,
    /// "credential_file") naming the file that cannot be read or holds something else.
    explicit ArqSignWebhooks(WebhookSettings settings);

    WebhookAnswer answer(const WebhookRequest& request) const override;
    std::vector<ProcessHint> read(std::string_view body) const override;
    std::size_t max_body() const override { return settings_.max_body; }

private:
    bool is_genuine(const WebhookRequest& request) const;

    WebhookSettings settings_;
    std::vector<Secret> keys_;
};

}  // namespace signwatch::arqsign
