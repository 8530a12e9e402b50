#include "tests/simulator/adobe/tokens.hpp"

#include <algorithm>

#include "core/crypto/digest.hpp"

namespace signwatch::simulator::adobe {

Tokens::Tokens(const TokenRules& rules, std::uint64_t seed) : rules_(rules), seed_(seed) {
    integration_key_ = made("integration");
    client_id_ = made("client").substr(0, 24);
    client_secret_ = made("secret");
    refresh_token_ = made("refresh") + "*";
    refresh_tokens_[refresh_token_] = rules_.refresh_life;
}

Tokens::Standing Tokens::standing(const std::string& access_token, microseconds now) const {
    if (access_token == integration_key_) return key_revoked_ ? Standing::expired : Standing::valid;
    const auto found = access_tokens_.find(access_token);
    if (found == access_tokens_.end()) return Standing::unknown;
    return now < found->second ? Standing::valid : Standing::expired;
}

std::optional<Tokens::Pair> Tokens::refresh(const std::string& token, microseconds now, bool keep) {
    const auto found = refresh_tokens_.find(token);
    if (found == refresh_tokens_.end() || now >= found->second) return std::nullopt;
    if (keep || !rules_.rotate) {
        found->second = now + rules_.refresh_life;
        Pair pair = grant(now);
        refresh_tokens_.erase(*pair.refresh_token);
        refresh_token_ = token;
        pair.refresh_token.reset();
        return pair;
    }
    found->second = now + rules_.grace;
    return grant(now);
}

Tokens::Pair Tokens::grant(microseconds now) {
    Pair pair{made("access"), made("refresh") + "*"};
    newest_until_ = now + rules_.access_life;
    access_tokens_[pair.access_token] = newest_until_;
    refresh_token_ = *pair.refresh_token;
    refresh_tokens_[refresh_token_] = now + rules_.refresh_life;
    return pair;
}

bool Tokens::revoke(const std::string& token, microseconds now) {
    if (!access_tokens_.contains(token) && !refresh_tokens_.contains(token)) return false;
    revoke_all(now);
    key_revoked_ = false;
    return true;
}

void Tokens::expire_access(microseconds now) {
    for (auto& [token, until] : access_tokens_)
        until = std::min(until, now);
}

void Tokens::revoke_all(microseconds now) {
    key_revoked_ = true;
    expire_access(now);
    for (auto& [token, until] : refresh_tokens_)
        until = std::min(until, now);
}

// The same for the same seed, so that a simulator that is started again is the same Adobe as before.
std::string Tokens::made(const std::string& kind) {
    const std::string unique = std::to_string(seed_) + kind + std::to_string(++made_);
    return "sim-" + kind + "-" + crypto::sha256_hex(unique).substr(0, 32);
}

}  // namespace signwatch::simulator::adobe
