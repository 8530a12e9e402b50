#include "core/pipeline/paced_provider.hpp"

#include <optional>
#include <utility>

namespace signwatch::pipeline {

PacedProvider::PacedProvider(std::unique_ptr<Provider> inner, CallBudget& budget)
    : inner_(std::move(inner)), budget_(budget) {}

Task<PollResult> PacedProvider::poll(Watch watch) {
    PollResult result = co_await inner_->poll(std::move(watch));
    if (result.verdict == PollVerdict::throttled && result.permitted_time_missing) {
        co_await budget_.hold_for(result.wait);
    }
    co_return result;
}

Task<StatusUpdate> PacedProvider::complete(StatusUpdate update, DocumentIntake& intake) {
    co_await budget_.take(CallPurpose::fetch);
    std::optional<Error> failure;
    try {
        co_return co_await inner_->complete(std::move(update), intake);
    } catch (const Error& error) {
        failure = error;
    }
    co_await hold_if_throttled(*failure);
    throw *failure;
}

Task<void> PacedProvider::download(DocumentRef document, DocumentSink& sink) {
    if (document.counted) co_await budget_.take(CallPurpose::fetch);
    std::optional<Error> failure;
    try {
        co_await inner_->download(std::move(document), sink);
        co_return;
    } catch (const Error& error) {
        failure = error;
    }
    co_await hold_if_throttled(*failure);
    throw *failure;
}

Task<AcknowledgeOutcome> PacedProvider::acknowledge(Sensitive acknowledge_at) {
    co_await budget_.take(CallPurpose::fetch);
    std::optional<Error> failure;
    try {
        const AcknowledgeOutcome outcome = co_await inner_->acknowledge(std::move(acknowledge_at));
        co_return outcome;
    } catch (const Error& error) {
        failure = error;
    }
    co_await hold_if_throttled(*failure);
    throw *failure;
}

Task<std::string> PacedProvider::inspect(DocumentKind kind, int descriptor, std::uint64_t size) {
    co_await budget_.take(CallPurpose::fetch);
    co_return co_await inner_->inspect(kind, descriptor, size);
}

Task<void> PacedProvider::hold_if_throttled(Error error) {
    if (error.kind() == ErrorKind::throttled && error.retry_after()) co_await budget_.hold_for(*error.retry_after());
}

}  // namespace signwatch::pipeline
