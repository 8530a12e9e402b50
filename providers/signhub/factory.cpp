#include "providers/signhub/factory.hpp"

#include "providers/signhub/config.hpp"
#include "providers/signhub/provider.hpp"

namespace signwatch::signhub {
namespace {

class SignhubFactory final : public ProviderFactory {
public:
    ProviderKind kind() const override { return ProviderKind::signhub; }

    std::unique_ptr<AccountSettings> read(config::Section& account) const override {
        return std::make_unique<Settings>(read_settings(account));
    }

    std::unique_ptr<Provider> create(const AccountSettings& settings, const ProviderContext& context) const override {
        return std::make_unique<SignhubProvider>(dynamic_cast<const Settings&>(settings), context);
    }
};

}  // namespace

std::unique_ptr<ProviderFactory> make_factory() {
    return std::make_unique<SignhubFactory>();
}

}  // namespace signwatch::signhub
