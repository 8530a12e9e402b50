#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/config/section.hpp"

namespace signwatch::arqsign {

/// How an account is told of changes (posten-arqsign 2.12); README.md has the keys.
struct WebhookSettings {
    std::string hmac_key_file;             ///< empty: the account has no webhook
    bool hmac_hex = false;                 ///< accept signatures in hexadecimal, too
    std::vector<std::string> webhook_ids;  ///< lower case; empty: any
    std::string account_id;                ///< lower case; empty: any
    std::size_t max_body = 12 << 20;
};

/// Reads the webhook_* keys of an [[account]]; mistakes go to the section. Opens no file.
WebhookSettings read_webhook_settings(config::Section& account);

}  // namespace signwatch::arqsign
