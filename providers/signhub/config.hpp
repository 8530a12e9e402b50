#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/ports/provider_factory.hpp"
#include "providers/signhub/mapping.hpp"
#include "providers/signhub/pace.hpp"

namespace signwatch::signhub {

/// One SignHub account as configured; README.md has the keys.
struct Settings final : AccountSettings {
    std::string root_url;  ///< without a trailing slash
    std::string language;
    std::string api_key_file;
    HttpIdentity tls;
    ReadingRules reading;
    Pace pace;
    std::uint64_t verify_max_size = 0;  ///< larger documents are not sent for verification
    AccountTerms account_terms;

    const AccountTerms& terms() const override { return account_terms; }
    /// Every flow is looked at on its own.
    std::vector<WatchKey> standing_watches() const override { return {}; }
    std::string mistake_in(const std::string& process_id) const override;
    HttpIdentity identity() const override { return tls; }
};

/// Reads one [[account]] table; mistakes go to the section. Opens no file and no socket.
Settings read_settings(config::Section& account);

/// The key in that file, without the white space around it. Throws Error(permanent, "signhub_api_key") if the file
/// cannot be read or holds no key.
Secret read_api_key(const std::string& file);

}  // namespace signwatch::signhub
