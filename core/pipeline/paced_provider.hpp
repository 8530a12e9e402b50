#pragma once

#include <memory>

#include "core/pipeline/call_budget.hpp"
#include "core/ports/provider.hpp"

namespace signwatch::pipeline {

/// A Provider whose every call waits for its turn in a budget, and whose blocks (429 without a permitted time,
/// throttled downloads and acknowledgements) hold all calls of that budget.
class PacedProvider : public Provider {
public:
    /// `budget` outlives this.
    PacedProvider(std::unique_ptr<Provider> inner, CallBudget& budget);

    const AccountTerms& terms() const override { return inner_->terms(); }
    std::vector<WatchKey> standing_watches() const override { return inner_->standing_watches(); }
    Task<PollResult> poll(Watch watch) override;
    std::optional<StatusUpdate> presume_ended(const Watch& watch) const override {
        return inner_->presume_ended(watch);
    }
    Task<StatusUpdate> complete(StatusUpdate update, DocumentIntake& intake) override;
    Task<void> download(DocumentRef document, DocumentSink& sink) override;
    Task<AcknowledgeOutcome> acknowledge(Sensitive acknowledge_at) override;
    Task<std::string> inspect(DocumentKind kind, int descriptor, std::uint64_t size) override;
    const Webhooks* webhooks() const override { return inner_->webhooks(); }

private:
    Task<void> hold_if_throttled(Error error);

    std::unique_ptr<Provider> inner_;
    CallBudget& budget_;
};

}  // namespace signwatch::pipeline
