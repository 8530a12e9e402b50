#pragma once

#include <memory>

#include "core/pipeline/rate_budget.hpp"
#include "core/ports/provider.hpp"

namespace signwatch::pipeline {

/// A Provider whose every call waits for its turn in a rate budget, and whose blocks (429 without a permitted time,
/// throttled downloads and acknowledgements) hold all calls of that budget.
class PacedProvider : public Provider {
public:
    /// `budget` outlives this.
    PacedProvider(std::unique_ptr<Provider> inner, RateBudget& budget);

    const AccountTerms& terms() const override { return inner_->terms(); }
    std::vector<WatchKey> standing_watches() const override { return inner_->standing_watches(); }
    Task<PollResult> poll(Watch watch) override;
    Task<void> download(DocumentRef document, DocumentSink& sink) override;
    Task<AcknowledgeOutcome> acknowledge(Sensitive acknowledge_at) override;

private:
    void hold_if_throttled(const Error& error);

    std::unique_ptr<Provider> inner_;
    RateBudget& budget_;
};

}  // namespace signwatch::pipeline
