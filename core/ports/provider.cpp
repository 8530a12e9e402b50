#include "core/ports/provider.hpp"

#include <utility>

#include "core/domain/error.hpp"

namespace signwatch {
namespace {

[[noreturn]] void not_here(const char* call) {
    throw Error(ErrorKind::permanent, "provider_call", std::string("this provider has no call for ") + call);
}

}  // namespace

// An update that is never marked `incomplete` is whole.
Task<StatusUpdate> Provider::complete(StatusUpdate update, DocumentIntake& /*intake*/) {
    co_return std::move(update);
}

Task<AcknowledgeOutcome> Provider::acknowledge(Sensitive /*acknowledge_at*/) {
    not_here("acknowledging");
    co_return AcknowledgeOutcome::done;
}

Task<std::string> Provider::inspect(DocumentKind /*kind*/, int /*descriptor*/, std::uint64_t /*size*/) {
    not_here("inspecting documents");
    co_return std::string();
}

std::optional<StatusUpdate> Provider::presume_ended(const Watch& /*watch*/) const {
    return std::nullopt;
}

const Webhooks* Provider::webhooks() const {
    return nullptr;
}

}  // namespace signwatch
