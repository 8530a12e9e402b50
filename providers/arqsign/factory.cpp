#include "providers/arqsign/factory.hpp"

#include "providers/arqsign/config.hpp"
#include "providers/arqsign/provider.hpp"

namespace signwatch::arqsign {
namespace {

class ArqSignFactory final : public ProviderFactory {
public:
    ProviderKind kind() const override { return ProviderKind::arqsign; }
    bool hears_webhooks() const override { return true; }

    std::unique_ptr<AccountSettings> read(config::Section& account) const override {
        return std::make_unique<Settings>(read_settings(account));
    }

    std::unique_ptr<Provider> create(const AccountSettings& settings, const ProviderContext& context) const override {
        return std::make_unique<ArqSignProvider>(dynamic_cast<const Settings&>(settings), context);
    }
};

}  // namespace

std::unique_ptr<ProviderFactory> make_factory() {
    return std::make_unique<ArqSignFactory>();
}

}  // namespace signwatch::arqsign
