#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/config/inbound_settings.hpp"
#include "core/crypto/digest.hpp"
#include "core/domain/process.hpp"
#include "core/ports/webhooks.hpp"

namespace signwatch::inbound {

/// An account that listens: what the configuration says of its door, and what its provider makes of what arrives there.
struct Listening {
    config::WebhookDoor door;
    ProviderKind provider = ProviderKind::posten;
    const Webhooks* webhooks = nullptr;  ///< outlives the routes
};

/// Which path leads to which account. Paths may be secrets: they are kept as keyed digests alone, and finding one, or
/// none, always compares with all of them. Replaced as a whole at a reload.
class Routes {
public:
    Routes() = default;
    /// Reads the files that hold paths. Throws Error(permanent, "webhook_path") naming the file that cannot be used,
    /// or the account that has the path of another.
    explicit Routes(std::vector<Listening> accounts);

    /// By the whole target, or by its path if the account's path has no query. nullptr: nobody.
    const Listening* find(std::string_view target) const;

    /// Answers a refused request once more in the name of an account of each provider but `done`'s (nullptr: of each),
    /// and forgets the answers: so a refusal costs the same time whomever the request was meant for.
    void repeat_work(const Listening* done, const WebhookRequest& request) const;

    /// The largest body that any account takes, in bytes.
    std::size_t max_body() const { return max_body_; }
    bool empty() const { return accounts_.empty(); }
    const std::vector<Listening>& accounts() const { return accounts_; }

private:
    crypto::Sha256Bytes digest(std::string_view path) const { return crypto::hmac_sha256(key_, path); }

    std::string key_ = crypto::random_bytes(32);
    std::vector<Listening> accounts_;
    std::vector<crypto::Sha256Bytes> digests_;  ///< of the paths, in the order of the accounts
    std::vector<std::size_t> stand_ins_;        ///< the first account of each provider
    std::size_t max_body_ = 0;
};

}  // namespace signwatch::inbound
