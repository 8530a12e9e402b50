#include "providers/posten/factory.hpp"

#include "providers/posten/config.hpp"
#include "providers/posten/provider.hpp"

namespace signwatch::posten {
namespace {

class PostenFactory final : public ProviderFactory {
public:
    ProviderKind kind() const override { return ProviderKind::posten; }

    std::unique_ptr<AccountSettings> read(config::Section& account) const override {
        return std::make_unique<Settings>(read_settings(account));
    }

    std::unique_ptr<Provider> create(const AccountSettings& settings, const ProviderContext& context) const override {
        return std::make_unique<PostenProvider>(dynamic_cast<const Settings&>(settings), context);
    }
};

}  // namespace

std::unique_ptr<ProviderFactory> make_factory() {
    return std::make_unique<PostenFactory>();
}

}  // namespace signwatch::posten
