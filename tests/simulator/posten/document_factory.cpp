#include "tests/simulator/posten/document_factory.hpp"

#include <algorithm>

#include "core/crypto/digest.hpp"

namespace signwatch::simulator {
namespace {

int signatures_in(const Job& job) {
    if (job.updates.empty() || !job.spec.pades_in_progress) return static_cast<int>(job.signers.size());
    const auto& states = job.updates.back().signers;
    return static_cast<int>(
        std::count_if(states.begin(), states.end(), [](const SignerState& state) { return state.status == "SIGNED"; }));
}

}  // namespace

void DocumentFactory::make(const Job& job, Document& document) {
    if (document.bytes) return;
    if (!signer_) signer_ = std::make_unique<testing::DocumentSigner>();
    const std::string label = job.spec.organisation + " job " + std::to_string(job.id);
    std::string bytes = document.signer == 0
                            ? signer_->signed_pdf(label, job.spec.pades_size.value_or(pades_size_), signatures_in(job))
                            : signer_->xades(label + " signer " + std::to_string(document.signer), xades_size_);
    document.sha256 = crypto::sha256_hex(bytes);
    document.size = bytes.size();
    document.bytes = std::make_shared<const std::string>(std::move(bytes));
}

void DocumentFactory::make_all(Job& job) {
    if (job.spec.scenario != Scenario::failed) make(job, job.pades);
    for (Document& document : job.xades)
        make(job, document);
}

}  // namespace signwatch::simulator
