#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/ports/clock.hpp"
#include "core/ports/http.hpp"
#include "core/ports/keepsakes.hpp"
#include "core/ports/provider.hpp"

namespace signwatch {

namespace config {
class Section;
}

/// One account's settings as its provider read them; plain values, no open files.
class AccountSettings {
public:
    virtual ~AccountSettings() = default;
    virtual const AccountTerms& terms() const = 0;
    virtual std::vector<WatchKey> standing_watches() const = 0;
    /// What is wrong with this id of a process, and what one looks like; empty if nothing is.
    virtual std::string mistake_in(const std::string& process_id) const = 0;
    /// Who we are to the provider's host: also what check-config loads to prove that the files fit together.
    virtual HttpIdentity identity() const = 0;
    /// Whether webhooks of this account are to be taken: then somebody has to listen for them.
    virtual bool awaits_webhooks() const { return false; }
};

/// Turns a signer's identity into a stable reference without personal data (keyed hash with the installation's key).
using Pseudonymise = std::function<std::string(const Sensitive& identity)>;

/// What a provider gets from the composition root; all references outlive the provider.
struct ProviderContext {
    HttpClientFactory& http;
    const Clock& clock;
    Pseudonymise pseudonymise;
    Keepsakes* keepsakes = nullptr;  ///< never null in the daemon; tests of providers that keep nothing leave it out
    /// Waits for the turn of one more call within a poll, a completion or a download, whose first call is paid for, and
    /// counts it. Error(throttled, "budget_spent") if there is none left. Empty, in tests: calls are free.
    std::function<Task<void>()> another_call{};
};

/// What a provider folder exports: how to read its part of the configuration, and how to build a Provider from it.
class ProviderFactory {
public:
    virtual ~ProviderFactory() = default;
    virtual ProviderKind kind() const = 0;

    /// Whether accounts of this provider can have a webhook address; the keys of such an address are read only then.
    virtual bool hears_webhooks() const { return false; }

    /// Reads one [[account]] table. Mistakes go to the section's diagnostics (all of them, not only the first);
    /// the result is only used when there are none. No network, no secrets kept.
    virtual std::unique_ptr<AccountSettings> read(config::Section& account) const = 0;

    /// Throws Error(permanent) when certificates or keys cannot be used.
    virtual std::unique_ptr<Provider> create(const AccountSettings& settings, const ProviderContext& context) const = 0;
};

}  // namespace signwatch
