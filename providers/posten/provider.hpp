#pragma once

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "core/ports/provider_factory.hpp"
#include "providers/posten/answer.hpp"
#include "providers/posten/config.hpp"

namespace signwatch::posten {

/// One organisation at Posten signering: sends the three calls of the line and leaves their meaning to answer.hpp.
class PostenProvider final : public Provider {
public:
    /// Throws Error(permanent) when certificates or keys cannot be used. `context`'s references outlive the provider.
    PostenProvider(Settings settings, const ProviderContext& context);

    const AccountTerms& terms() const override { return settings_.account_terms; }
    std::vector<WatchKey> standing_watches() const override { return settings_.standing_watches(); }

    Task<PollResult> poll(Watch watch) override;
    Task<void> download(DocumentRef document, DocumentSink& sink) override;
    Task<AcknowledgeOutcome> acknowledge(Sensitive acknowledge_at) override;

private:
    HttpRequest poll_request(const std::string& target) const;
    HttpRequest document_request(const DocumentRef& document) const;
    Arrival arrival();

    Settings settings_;
    const Clock& clock_;
    Pseudonymise pseudonymise_;
    std::unique_ptr<HttpClient> http_;
    std::minstd_rand random_;
};

}  // namespace signwatch::posten
