#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/ports/provider_factory.hpp"
#include "providers/arqsign/webhook_settings.hpp"

namespace signwatch::arqsign {

/// One ArqSign account as configured; README.md has the keys.
struct Settings final : AccountSettings {
    std::string root_url;  ///< without a trailing slash
    HttpIdentity host;
    std::string app_key_file;
    std::string subscription_key_file;
    bool signature_record = true;             ///< fetch the record of the signatures, too
    std::vector<std::string> document_hosts;  ///< where links may lead; empty: documents come within the answer
    std::string document_ca_file;             ///< empty: the system's authorities
    std::uint64_t max_response = 0;           ///< of a whole process with its documents
    WebhookSettings webhook;
    AccountTerms account_terms;

    const AccountTerms& terms() const override { return account_terms; }
    std::vector<WatchKey> standing_watches() const override { return {}; }
    std::string mistake_in(const std::string& process_id) const override;
    HttpIdentity identity() const override { return host; }
    bool awaits_webhooks() const override { return !webhook.hmac_key_file.empty(); }

    std::string status_url(const std::string& process_id) const;
    /// `with_documents` false: the least that the provider can be made to send.
    std::string process_url(const std::string& process_id, bool with_documents) const;
    /// Whose client may fetch a linked document: by its origin; throws Error(permanent, "url_refused") for a link to
    /// a host that is not in document_hosts.
    HttpIdentity identity_for(const Sensitive& link) const;
};

/// Reads one [[account]] table; mistakes go to the section. Opens no file and no socket.
Settings read_settings(config::Section& account);

/// A GUID in its canonical form: 36 characters, lower case.
bool is_process_id(const std::string& text);

}  // namespace signwatch::arqsign
