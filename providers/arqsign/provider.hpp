#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/ports/provider_factory.hpp"
#include "providers/arqsign/config.hpp"
#include "providers/arqsign/credentials.hpp"
#include "providers/arqsign/webhooks.hpp"

namespace signwatch::arqsign {

/// One account at ArqSign: a short look at one process, the whole process at its end, and links. What the answers mean
/// stands in answer.hpp.
class ArqSignProvider final : public Provider {
public:
    /// Throws Error(permanent) when keys or authorities cannot be used. `context`'s references outlive the provider.
    ArqSignProvider(Settings settings, const ProviderContext& context);

    const AccountTerms& terms() const override { return settings_.account_terms; }
    std::vector<WatchKey> standing_watches() const override { return {}; }

    Task<PollResult> poll(Watch watch) override;
    std::optional<StatusUpdate> presume_ended(const Watch& watch) const override;
    Task<StatusUpdate> complete(StatusUpdate update, DocumentIntake& intake) override;
    Task<void> download(DocumentRef document, DocumentSink& sink) override;
    const Webhooks* webhooks() const override { return webhooks_ ? &*webhooks_ : nullptr; }

private:
    HttpRequest status_request(const Watch& watch) const;
    HttpRequest process_request(const StatusUpdate& update) const;

    Settings settings_;
    Credentials credentials_;
    std::optional<ArqSignWebhooks> webhooks_;  ///< absent: no key is configured
    HttpClientFactory& clients_;
    const Clock& clock_;
    Pseudonymise pseudonymise_;
    std::unique_ptr<HttpClient> http_;
};

}  // namespace signwatch::arqsign
