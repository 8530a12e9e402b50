#pragma once

#include <string>
#include <vector>

#include "core/ports/webhooks.hpp"

namespace signwatch::adobe_sign {

/// What arrives at the account's webhook address (adobe-signhub 1.8). Nothing is signed: a request is taken for Adobe's
/// if it names an application we know, and is believed by nobody. Every answer echoes the application's id, in the
/// header and in the body; without that echo Adobe counts it as failed.
class AdobeWebhooks final : public Webhooks {
public:
    explicit AdobeWebhooks(std::vector<std::string> client_ids) : client_ids_(std::move(client_ids)) {}

    /// GET: the verification of intent. POST: a notification, queued even if it cannot be read, for refusing it would
    /// hold up all that follow for three days. Anything else, or an unknown application: 400 without a body.
    WebhookAnswer answer(const WebhookRequest& request) const override;
    std::vector<ProcessHint> read(std::string_view body) const override;
    std::size_t max_body() const override;

private:
    const std::string* client_in(const std::vector<HttpHeader>& headers) const;

    std::vector<std::string> client_ids_;
};

}  // namespace signwatch::adobe_sign
