#include "tests/simulator/adobe/world.hpp"

#include "core/crypto/digest.hpp"

namespace signwatch::simulator::adobe {

std::string email_of(const Agreement& agreement, int participant) {
    return "imzaci." + std::to_string(agreement.number) + "." + std::to_string(participant + 1) + "@signer.example";
}

std::string full_name_of(const Agreement& agreement, int participant) {
    return "Zeynep Örnek-" + std::to_string(agreement.number) + "-" + std::to_string(participant + 1);
}

std::string participant_id_of(const Agreement& agreement, int participant) {
    if (participant < 0) return "CBJCHBCAABAAsender";
    return "CBJCHBCAABAApart" + std::to_string(agreement.number) + "-" + std::to_string(participant + 1);
}

// Ids are opaque, and have characters that a path has to escape (adobe 1.7).
Agreement& AdobeWorld::create(const AgreementSpec& spec, microseconds now) {
    AgreementPlan plan = plan_of(spec, now);
    Agreement& agreement = agreements_.emplace_back();
    agreement.number = static_cast<std::int64_t>(agreements_.size());
    const std::string hash =
        crypto::sha256_hex(std::to_string(seed_) + "/agreement/" + std::to_string(agreement.number));
    agreement.id = "CBJCHBCAABAA" + hash.substr(0, 16) + "-" + hash.substr(16, 16) + "_" + hash.substr(32, 8) + "*";
    agreement.name = "Kredi sözleşmesi " + std::to_string(agreement.number);
    agreement.external_id = "KREDI-" + std::to_string(agreement.number);
    agreement.plan = std::move(plan);
    agreement.form = spec.ending == Ending::form_filled;
    const bool expires = spec.ending == Ending::expired && agreement.plan.ends < never;
    agreement.expires_wall = calendar_.wall_at(expires ? agreement.plan.ends : now + std::chrono::hours{24 * 30});
    by_id_[agreement.id] = &agreement;
    return agreement;
}

Agreement* AdobeWorld::find(const std::string& id) {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : found->second;
}

}  // namespace signwatch::simulator::adobe
