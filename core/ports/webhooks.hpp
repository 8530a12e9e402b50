#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/domain/hint.hpp"
#include "core/ports/http.hpp"

namespace signwatch {

/// One request on the public listener, already routed to an account. The body is bounded; the parts live as long as the
/// call they are given to.
struct WebhookRequest {
    std::string_view method;  ///< "GET", "POST"
    const std::vector<HttpHeader>& headers;
    std::string_view body;  ///< the raw bytes: signatures are computed over them
};

/// What the provider is to be answered, before anything has been believed.
struct WebhookAnswer {
    int status = 400;
    std::vector<HttpHeader> headers;
    std::string body;

    /// The request is genuine as far as the provider lets us know, and the answer may only be sent when the body is
    /// durably queued under `dedup_key`; false: just send the answer.
    bool queue = false;
    /// Which notification this is, for the provider's repeats of it; at most 128 characters.
    std::string dedup_key;
    /// Why it was refused, a short fixed token for metrics ("unknown_client", "bad_hmac"); empty: it was not.
    std::string_view refused;
};

/// What an account understands of its provider's webhooks. Pure: no I/O, no waiting. Event-loop thread. What a
/// notification says is never believed: it only names processes that are worth a look now.
class Webhooks {
public:
    virtual ~Webhooks() = default;

    /// The provider's answer budget is seconds, ours a millisecond. Never throws for anything in the request.
    virtual WebhookAnswer answer(const WebhookRequest& request) const = 0;

    /// What a queued body hints at; empty if it says nothing of use. Throws Error(permanent) for a body that nobody
    /// will ever understand.
    virtual std::vector<ProcessHint> read(std::string_view body) const = 0;

    /// What a queued body may be, in bytes.
    virtual std::size_t max_body() const = 0;

    /// How a notification is answered that could not be queued now, so that the provider tries again.
    virtual int unavailable_status() const { return 503; }
};

}  // namespace signwatch
