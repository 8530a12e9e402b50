#pragma once

#include "tests/simulator/adobe/hook_api.hpp"
#include "tests/simulator/control_calls.hpp"

namespace signwatch::simulator::adobe {

/// What a test steers a running Adobe with; README.md lists the calls.
class AdobeControl {
public:
    struct Parts {
        const AdobeOptions& options;
        AdobeWorld& world;
        Tokens& tokens;
        AdobeApi& api;
        AdobeReferee& referee;
        AdobeHookApi& hooks;
        AdobeSender& sender;
        Controlled shared;
    };
    explicit AdobeControl(Parts parts) : parts_(std::move(parts)) {}

    Reply handle(const Call& call);

private:
    Reply answer(const Call& call);
    Reply referee_told();
    Reply add_agreements(const Call& call);
    Reply change_agreement(const Call& call);
    Reply list_agreements();
    Reply list_canaries();
    Reply change_tokens(const Call& call);

    Parts parts_;
};

}  // namespace signwatch::simulator::adobe
