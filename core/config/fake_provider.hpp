#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/config/section.hpp"
#include "core/ports/provider_factory.hpp"

namespace signwatch::config::testing {

/// A provider for tests of the configuration: reads keys of every type, and polls one watch per queue.
class FakeAccount final : public AccountSettings {
public:
    const AccountTerms& terms() const override { return account_terms; }
    std::vector<WatchKey> standing_watches() const override;
    std::string mistake_in(const std::string& /*process_id*/) const override { return {}; }
    HttpIdentity identity() const override { return tls; }
    bool awaits_webhooks() const override { return has_webhooks; }

    AccountTerms account_terms;
    HttpIdentity tls;
    std::vector<std::string> queues;
    bool has_webhooks = false;
    std::uint64_t max_document_size = 0;
};

class FakeProviderFactory final : public ProviderFactory {
public:
    ProviderKind kind() const override { return ProviderKind::posten; }
    bool hears_webhooks() const override { return true; }
    std::unique_ptr<AccountSettings> read(Section& account) const override;
    std::unique_ptr<Provider> create(const AccountSettings&, const ProviderContext&) const override { return nullptr; }
};

}  // namespace signwatch::config::testing
