#pragma once

#include <map>
#include <optional>
#include <string>

#include "tests/simulator/adobe/options.hpp"

namespace signwatch::simulator::adobe {

/// The tokens of the one client: an integration key that lives forever, and pairs of access and refresh tokens. Pure:
/// virtual time is handed in.
class Tokens {
public:
    Tokens(const TokenRules& rules, std::uint64_t seed);

    const std::string& integration_key() const { return integration_key_; }
    const std::string& client_id() const { return client_id_; }
    const std::string& client_secret() const { return client_secret_; }
    /// The newest one; at the start the one that the client is set up with.
    const std::string& refresh_token() const { return refresh_token_; }

    enum class Standing { valid, expired, unknown };
    Standing standing(const std::string& access_token, microseconds now) const;

    struct Pair {
        std::string access_token;
        std::optional<std::string> refresh_token;  ///< absent: the old one stays
    };
    /// nullopt: the refresh token is not one, or no longer. `keep`: it stays, whatever the rules say.
    std::optional<Pair> refresh(const std::string& token, microseconds now, bool keep = false);
    /// When the newest access token expires.
    microseconds newest_until() const { return newest_until_; }
    /// Whether a refresh token was one of ours before it died.
    bool was_ours(const std::string& token) const { return refresh_tokens_.contains(token); }
    /// A first pair, as for an authorisation code.
    Pair grant(microseconds now);
    /// Kills the pair that the token belongs to; false: it is not one.
    bool revoke(const std::string& token, microseconds now);

    /// All access tokens expire, or everything is revoked.
    void expire_access(microseconds now);
    void revoke_all(microseconds now);

    microseconds access_life() const { return rules_.access_life; }

private:
    std::string made(const std::string& kind);

    TokenRules rules_;
    std::uint64_t seed_;
    std::uint64_t made_ = 0;
    std::string integration_key_;
    bool key_revoked_ = false;
    std::string client_id_;
    std::string client_secret_;
    std::string refresh_token_;
    microseconds newest_until_{};
    std::map<std::string, microseconds> access_tokens_;   ///< until when
    std::map<std::string, microseconds> refresh_tokens_;  ///< until when
};

}  // namespace signwatch::simulator::adobe
