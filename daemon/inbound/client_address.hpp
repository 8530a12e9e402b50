#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/config/network.hpp"
#include "core/ports/http.hpp"

namespace signwatch::inbound {

/// Who a request came from, behind proxies: of the hops in X-Forwarded-For, read from the right, the first that is no
/// trusted proxy; whatever stands further left, the client may have invented. Without such a hop the one furthest left,
/// or else the peer. nullopt if a hop that counts is no address.
std::optional<config::Address> client_behind(const std::optional<config::Address>& peer,
                                             const std::vector<HttpHeader>& headers,
                                             const std::vector<config::Network>& trusted_proxies);

/// What addresses are counted by: IPv4 each its own, IPv6 by its /64, which one client may have as a whole.
std::string counting_key(const std::optional<config::Address>& address);

}  // namespace signwatch::inbound
