#pragma once

#include "tests/simulator/adobe/sender.hpp"

namespace signwatch::simulator::adobe {

/// What clients and tests do with webhooks: /webhooks of the REST API, and the calls of the control API.
class AdobeHookApi {
public:
    struct Parts {
        AdobeWorld& world;
        HookBook& book;
        AdobeSender& sender;
        AdobeReferee& referee;
        const VirtualClock& clock;
        std::string client_id;  ///< of webhooks that name none
    };
    explicit AdobeHookApi(Parts parts) : parts_(std::move(parts)) {}

    /// Below /webhooks (adobe 1.8, Registration).
    Reply handle(const Call& call, const Target& target, const Moment& now);

    /// nullopt: the call is not about webhooks. Throws std::invalid_argument or a JSON exception for a wrong one.
    std::optional<Reply> control(const Call& call);

private:
    /// What becomes of a webhook when its listener has been asked, and how that is told.
    struct Wish {
        HookSpec spec{};
        std::string id{};        ///< of the webhook that is to be active; empty: a new one
        bool for_client = true;  ///< the answer is Adobe's, not the control API's
    };

    Reply list(bool inactive_too);
    Reply create(const Call& call);
    Reply change_state(const Call& call, Webhook& webhook, const Moment& now);
    Reply control_create(const Call& call);
    Reply control_state(const Call& call);
    Reply control_replay(const Call& call);
    Reply notifications() const;
    Task<Reply> when_wanted(Wish wish);
    Reply granted(const Wish& wish);
    nlohmann::ordered_json body_of(const Webhook& webhook) const;
    std::string etag_of(const Webhook& webhook) const;
    Webhook& named_in(const nlohmann::json& body);

    Parts parts_;
};

}  // namespace signwatch::simulator::adobe
