#include "providers/adobe_sign/factory.hpp"

#include "providers/adobe_sign/config.hpp"
#include "providers/adobe_sign/provider.hpp"

namespace signwatch::adobe_sign {
namespace {

class AdobeSignFactory final : public ProviderFactory {
public:
    ProviderKind kind() const override { return ProviderKind::adobe_sign; }
    bool hears_webhooks() const override { return true; }

    std::unique_ptr<AccountSettings> read(config::Section& account) const override {
        return std::make_unique<Settings>(read_settings(account));
    }

    std::unique_ptr<Provider> create(const AccountSettings& settings, const ProviderContext& context) const override {
        return std::make_unique<AdobeSignProvider>(dynamic_cast<const Settings&>(settings), context);
    }
};

}  // namespace

std::unique_ptr<ProviderFactory> make_factory() {
    return std::make_unique<AdobeSignFactory>();
}

}  // namespace signwatch::adobe_sign
