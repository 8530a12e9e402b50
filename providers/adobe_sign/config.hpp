#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/ports/provider_factory.hpp"
#include "providers/adobe_sign/mapping.hpp"
#include "providers/adobe_sign/pace.hpp"

namespace signwatch::adobe_sign {

/// Who we are: a key that never changes, or OAuth. The files are read when the provider is created.
struct Login {
    std::string integration_key_file;  ///< empty: OAuth
    std::string client_id;
    std::string client_secret_file;
    std::string refresh_token_file;
    std::string refresh_path;  ///< on the access point, "/oauth/v2/refresh"
    Sensitive api_user;        ///< x-api-user; empty: the owner of the token
};

enum class SweepBy { nothing, search, list };

/// How agreements are found that nobody told us of.
struct SweepRules {
    SweepBy by = SweepBy::search;
    milliseconds interval{};
    milliseconds overlap{};
    milliseconds first{};            ///< how far the very first sweep looks back
    std::vector<std::string> types;  ///< Adobe's words, of a search
    int page_size = 0;
};

/// The webhooks that should tell us, and how often their state is asked.
struct WebhookRules {
    std::vector<std::string> client_ids;  ///< applications whose notifications are taken; empty: none are
    std::vector<std::string> ids;         ///< webhooks that have to be active; empty: any one of the account
    milliseconds check_interval{};
};

/// One Adobe Acrobat Sign account as configured; README.md has the keys.
struct Settings final : AccountSettings {
    std::string root_url;  ///< where the access point is asked for; without a trailing slash
    std::vector<std::string> allowed_hosts;
    HttpIdentity host;
    Login login;
    Pace pace;
    DocumentWishes documents;
    bool supporting_documents = true;  ///< attached to the combined document
    SweepRules sweep;
    WebhookRules webhooks;
    AccountTerms account_terms;

    const AccountTerms& terms() const override { return account_terms; }
    std::vector<WatchKey> standing_watches() const override;
    std::string mistake_in(const std::string& process_id) const override;
    HttpIdentity identity() const override { return host; }
    bool awaits_webhooks() const override { return !webhooks.client_ids.empty(); }

    WatchKey sweep_watch() const;
    WatchKey webhook_watch() const;
};

/// Reads one [[account]] table; mistakes go to the section. Opens no file and no socket.
Settings read_settings(config::Section& account);

/// At most 200 letters, digits and some signs; opaque, and the same for every caller (adobe-signhub 1.7).
bool is_agreement_id(const std::string& text);

}  // namespace signwatch::adobe_sign
