#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/ports/provider_factory.hpp"
#include "providers/signhub/config.hpp"

namespace signwatch::signhub {

/// One account at SignHub: sends the three calls and leaves their meaning to answer.hpp. An update tells everything at
/// once and nothing is acknowledged, so `complete` and `acknowledge` are the port's own.
class SignhubProvider final : public Provider {
public:
    /// Reads the API key. Throws Error(permanent) when it or the authorities cannot be used. `context`'s references
    /// outlive the provider.
    SignhubProvider(Settings settings, const ProviderContext& context);

    const AccountTerms& terms() const override { return settings_.account_terms; }
    std::vector<WatchKey> standing_watches() const override { return settings_.standing_watches(); }

    Task<PollResult> poll(Watch watch) override;
    Task<void> download(DocumentRef document, DocumentSink& sink) override;
    Task<std::string> inspect(DocumentKind kind, int descriptor, std::uint64_t size) override;

private:
    HttpRequest poll_request(const Watch& watch) const;
    HttpRequest document_request(const DocumentRef& document) const;
    HttpRequest inspection_request(int descriptor, std::uint64_t size) const;
    HttpRequest with_key(HttpRequest request) const;

    Settings settings_;
    const Clock& clock_;
    Pseudonymise pseudonymise_;
    Secret api_key_;
    std::unique_ptr<HttpClient> http_;
};

}  // namespace signwatch::signhub
