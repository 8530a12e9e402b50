#pragma once

#include <functional>
#include <string>

#include "core/ports/clock.hpp"
#include "core/ports/keepsakes.hpp"
#include "providers/adobe_sign/api_call.hpp"
#include "providers/adobe_sign/config.hpp"
#include "providers/adobe_sign/hosts.hpp"
#include "providers/adobe_sign/single_flight.hpp"
#include "providers/adobe_sign/tokens.hpp"

namespace signwatch::adobe_sign {

/// The REST interface of one account: with a token that is good, at the access point where the account lives
/// (adobe-signhub 1.1, 1.2). The access point is discovered once, kept durably, and discovered again only when Adobe
/// says that it is the wrong one. Event-loop thread; `context`'s references outlive this.
class Api {
public:
    /// Reads the credentials. Throws Error(permanent).
    Api(const Settings& settings, const ProviderContext& context);

    /// Sends one call and gives what came back, whatever its status. A refused token, or a wrong access point, is
    /// replaced and the call sent once more. The body of a 200 goes to `sink`, if there is one; it outlives the call.
    Task<HttpResponse> call(ApiCall call, DocumentSink* sink = nullptr);

    /// Before every call of a poll but its first: waits for its turn in the account's budget, and counts it. What
    /// `call` itself sends twice, or asks for on the way, it counts alone.
    Task<void> one_more();

private:
    Task<void> prepare();
    Task<void> recall();
    Task<void> discover();
    Task<HttpResponse> ask_where();
    Task<void> move_from(std::string refused);
    Task<HttpResponse> authorised(std::string root, ApiCall call, DocumentSink* sink);
    Task<HttpResponse> transmit(std::string root, ApiCall call, DocumentSink* sink);
    HttpRequest request_for(const std::string& root, ApiCall call) const;
    void take(const HttpResponse& answer);
    std::string kept_value() const;

    const Clock& clock_;
    Keepsakes& keepsakes_;
    const std::string bootstrap_;
    const std::string keepsake_;
    const Sensitive api_user_;
    const milliseconds gap_;
    const std::function<Task<void>()> another_call_;
    Hosts hosts_;
    Tokens tokens_;
    std::string root_;  ///< the access point; empty: not known yet
    bool recalled_ = false;
    std::optional<WallTime> discovered_at_;  ///< when it was last asked for
    SingleFlight recall_flight_;
    SingleFlight discovery_flight_;
};

}  // namespace signwatch::adobe_sign
