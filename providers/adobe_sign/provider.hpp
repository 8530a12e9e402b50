#pragma once

#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "core/ports/provider_factory.hpp"
#include "providers/adobe_sign/api.hpp"
#include "providers/adobe_sign/asked_lately.hpp"
#include "providers/adobe_sign/config.hpp"
#include "providers/adobe_sign/webhooks.hpp"

namespace signwatch::adobe_sign {

/// One account at Adobe Acrobat Sign: looks at agreements, sweeps for those that changed, asks after our webhooks and
/// brings documents home. What the answers mean stands in answer.hpp, mapping.hpp and sweep.hpp.
class AdobeSignProvider final : public Provider {
public:
    /// Reads the credentials. Throws Error(permanent) when they or the authorities cannot be used. `context`'s
    /// references, the keepsakes among them, outlive the provider.
    AdobeSignProvider(Settings settings, const ProviderContext& context);

    const AccountTerms& terms() const override { return settings_.account_terms; }
    std::vector<WatchKey> standing_watches() const override { return settings_.standing_watches(); }
    const Webhooks* webhooks() const override;

    Task<PollResult> poll(Watch watch) override;
    Task<StatusUpdate> complete(StatusUpdate update, DocumentIntake& intake) override;
    Task<void> download(DocumentRef document, DocumentSink& sink) override;

private:
    Task<PollResult> look(Watch watch);
    Task<PollResult> sweep(Watch watch);
    Task<PollResult> check_webhooks(Watch watch);
    Task<PollResult> check_by_ids(Watch watch);
    Task<PollResult> check_by_list(Watch watch);
    PollResult no_news(const Watch& watch) const;
    PollResult news(StatusUpdate update, const Watch& watch, std::string bookmark, std::string raw) const;
    PollResult checked(bool works, const Watch& watch);
    std::optional<PollResult> held(const HttpResponse& response, const Watch& watch);
    milliseconds wait_for(const Watch& watch, bool draft) const;
    Error lengthened(Error error);
    milliseconds lengthened(milliseconds wait);

    Settings settings_;
    const Clock& clock_;
    Pseudonymise pseudonymise_;
    Api api_;
    AskedLately asked_;
    AdobeWebhooks webhooks_;
    bool webhooks_work_ = false;  ///< as the newest check says; false until there was one
    std::minstd_rand random_;
};

}  // namespace signwatch::adobe_sign
