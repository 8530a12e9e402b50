#include "core/config/fake_provider.hpp"

namespace signwatch::config::testing {

std::vector<WatchKey> FakeAccount::standing_watches() const {
    std::vector<WatchKey> watches;
    for (const auto& queue : queues)
        watches.push_back({account_terms.account, WatchKind::queue, queue});
    return watches;
}

std::unique_ptr<AccountSettings> FakeProviderFactory::read(Section& account) const {
    constexpr std::uint64_t kib = 1 << 10;
    constexpr std::uint64_t mib = 1 << 20;
    auto settings = std::make_unique<FakeAccount>();
    settings->account_terms.account = account.required_text("name");
    settings->account_terms.budget_key = account.required_text("organisation");
    account.choice("environment", {"production", "difitest", "custom"}, "production");
    settings->account_terms.calls_per_second = account.number("calls_per_second", 8, 0.1, 8);
    settings->queues = account.texts("queues", {"portal"});
    settings->has_webhooks = account.boolean("has_webhooks", false);
    settings->max_document_size = account.size("max_document_size", 100 * mib, kib, 2048 * mib);
    settings->tls.ca_file = account.file("ca", false);
    settings->tls.certificate_file = account.file("client_certificate", false);
    settings->tls.key_file = account.file("client_key", true);
    settings->tls.key_password_file = account.file("client_key_password", true);
    return settings;
}

}  // namespace signwatch::config::testing
