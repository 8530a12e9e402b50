#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/ports/clock.hpp"
#include "core/ports/keepsakes.hpp"
#include "providers/adobe_sign/config.hpp"
#include "providers/adobe_sign/hosts.hpp"
#include "providers/adobe_sign/single_flight.hpp"
#include "providers/adobe_sign/wire_account.hpp"

namespace signwatch::adobe_sign {

/// What proves to Adobe who we are: an integration key, or OAuth tokens that are refreshed ahead of their end
/// (adobe-signhub 1.2). One refresh at a time; a new refresh token is durable before its access token is used. All
/// references outlive this. Event-loop thread.
class Tokens {
public:
    /// Reads the files. Throws Error(permanent, "credential_file"). A refresh is a call like any other: it waits for
    /// its turn in the account's budget, and is counted.
    Tokens(const Settings& settings, const ProviderContext& context, Hosts& hosts, Keepsakes& keepsakes);

    /// Makes sure that the token will do for a call; `root` is the access point as far as it is known. Throws
    /// Error(unauthorized, "adobe_login") if Adobe refuses to give one, and what HttpClient and Keepsakes throw.
    Task<void> prepare(std::string root);

    /// The value of the header, of a token that prepare has made sure of.
    std::string authorization() const;

    /// Which token that is; each new one has another number.
    std::uint64_t generation() const { return generation_; }

    /// Whether a refused token can be replaced: keys cannot.
    bool renewable() const { return oauth_; }

    /// Replaces the token of that generation, which was refused; does nothing if that has happened already.
    Task<void> renew(std::uint64_t refused, std::string root);

private:
    Task<void> refresh(std::string root);
    Task<void> recall();
    Task<HttpResponse> ask(std::string root);
    Task<void> take(const HttpResponse& answer);
    std::string kept_value() const;
    bool is_fresh() const;

    const Clock& clock_;
    const std::function<Task<void>()> another_call_;
    Hosts& hosts_;
    Keepsakes& keepsakes_;
    const bool oauth_;
    const std::string bootstrap_;
    const std::string client_id_;
    const std::string refresh_path_;
    const std::string keepsake_;  ///< its name
    Secret client_secret_;
    Secret given_refresh_;  ///< as the operator gave it
    Secret refresh_;        ///< the newest; empty until it is recalled
    Secret access_;         ///< or the integration key
    WallTime renew_at_{};   ///< schedule timeline
    WallTime ends_at_{};
    std::uint64_t generation_ = 0;
    SingleFlight flight_;
};

}  // namespace signwatch::adobe_sign
