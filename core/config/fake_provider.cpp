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
    settings->account_terms.calls_per_second = account.number("calls_per_second", 8, 0.1, 10);
    settings->queues = account.texts("queues", {"portal"});
    settings->max_document_size = account.size("max_document_size", 100 * mib, kib, 2048 * mib);
    settings->tls.certificate_file = account.file("certificate", false);
    settings->tls.key_file = account.file("key", true);
    return settings;
}

}  // namespace signwatch::config::testing
