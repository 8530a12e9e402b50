#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace signwatch::config {

/// An IP address; IPv4 as ::ffff:a.b.c.d, so that both kinds compare alike.
using Address = std::array<unsigned char, 16>;

/// "192.0.2.1", "2001:db8::1"; nullopt for anything else.
std::optional<Address> parse_address(std::string_view text);

bool is_ipv4(const Address& address);

/// What one client may have as a whole: an IPv4 address, or the /64 of an IPv6 address.
Address client_block(const Address& address);

/// The addresses that begin with the same bits.
struct Network {
    Address address{};
    int bits = 128;  ///< of `address`; IPv4 has 96 more than are written

    bool contains(const Address& other) const;

    bool operator==(const Network&) const = default;
};

/// "192.0.2.0/24", "2001:db8::/32", or one address; nullopt for anything else, also if bits behind the prefix are set.
std::optional<Network> parse_network(std::string_view text);

bool any_contains(const std::vector<Network>& networks, const Address& address);

/// Whether all of it is loopback, link-local, private (RFC 1918, RFC 6598) or unique local (RFC 4193): not routed on
/// the internet.
bool is_private(const Network& network);

}  // namespace signwatch::config
