#pragma once

#include <optional>
#include <string_view>

#include "daemon/inbound/routes.hpp"
#include "daemon/listener/exchange.hpp"

namespace signwatch::inbound {

/// What a request is worth.
struct Verdict {
    const Listening* account = nullptr;  ///< nullptr: nobody's path; as long as the routes
    std::string_view refused;            ///< why, a fixed token; empty: it is not
    WebhookAnswer answer;                ///< for one that is not refused
};

/// Judges a whole request: is it some account's path, may its sender use it, and what does the provider's side say?
/// Takes the same time for every refusal of requests of one size.
Verdict judge(const Routes& routes, const listener::Request& request, const std::optional<config::Address>& client);

/// What every refusal is answered with, whatever was wrong: 400 without a body. Never 401, 403 or 404, which disable a
/// webhook of ArqSign at once (posten-arqsign 2.12), and tell strangers which accounts there are.
listener::Answer refusal();

/// An answer that asks for a repeat later.
listener::Answer unavailable(int status);

/// As the listener sends it.
listener::Answer to_answer(WebhookAnswer answer);

}  // namespace signwatch::inbound
