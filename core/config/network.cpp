#include "core/config/network.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <string>

namespace signwatch::config {
namespace {

constexpr int all_bits = 128;
constexpr int mapped_bits = 96;
constexpr std::size_t longest_address = 45;

Network network(std::string_view text) {
    return parse_network(text).value_or(Network{});
}

bool has_bits_behind(const Network& network) {
    for (int bit = network.bits; bit < all_bits; ++bit) {
        const auto byte = network.address[static_cast<std::size_t>(bit / 8)];
        if ((byte >> (7 - bit % 8) & 1) != 0) return true;
    }
    return false;
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
    if (text.empty() || text.size() > longest_address || text.find('\0') != std::string_view::npos) return std::nullopt;
    const std::string written(text);
    Address address{};
    if (::inet_pton(AF_INET6, written.c_str(), address.data()) == 1) return address;
    address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    if (::inet_pton(AF_INET, written.c_str(), address.data() + mapped_bits / 8) == 1) return address;
    return std::nullopt;
}

bool is_ipv4(const Address& address) {
    return std::all_of(address.begin(), address.begin() + 10, [](unsigned char byte) { return byte == 0; }) &&
           address[10] == 0xFF && address[11] == 0xFF;
}

Address client_block(const Address& address) {
    Address block = address;
    if (!is_ipv4(address)) std::fill(block.begin() + 8, block.end(), static_cast<unsigned char>(0));
    return block;
}

bool Network::contains(const Address& other) const {
    const auto whole = static_cast<std::size_t>(bits / 8);
    if (!std::equal(address.begin(), address.begin() + static_cast<std::ptrdiff_t>(whole), other.begin())) return false;
    const int rest = bits % 8;
    return rest == 0 || (address[whole] ^ other[whole]) >> (8 - rest) == 0;
}

std::optional<Network> parse_network(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = parse_address(text.substr(0, slash));
    if (!address) return std::nullopt;
    Network network{*address, all_bits};
    if (slash == std::string_view::npos) return network;
    const bool written_as_ipv4 = text.find(':') == std::string_view::npos;
    const std::string_view digits = text.substr(slash + 1);
    const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), network.bits);
    const int most = written_as_ipv4 ? all_bits - mapped_bits : all_bits;
    if (error != std::errc{} || rest != digits.data() + digits.size()) return std::nullopt;
    if (network.bits < 0 || network.bits > most) return std::nullopt;
    if (written_as_ipv4) network.bits += mapped_bits;
    if (has_bits_behind(network)) return std::nullopt;
    return network;
}

bool any_contains(const std::vector<Network>& networks, const Address& address) {
    return std::ranges::any_of(networks, [&](const Network& one) { return one.contains(address); });
}

bool is_private(const Network& asked) {
    static const std::array<Network, 9> unrouted{network("127.0.0.0/8"),
                                                 network("10.0.0.0/8"),
                                                 network("172.16.0.0/12"),
                                                 network("192.168.0.0/16"),
                                                 network("169.254.0.0/16"),
                                                 network("100.64.0.0/10"),
                                                 network("::1"),
                                                 network("fc00::/7"),
                                                 network("fe80::/10")};
    return std::ranges::any_of(
        unrouted, [&](const Network& one) { return asked.bits >= one.bits && one.contains(asked.address); });
}

}  // namespace signwatch::config
