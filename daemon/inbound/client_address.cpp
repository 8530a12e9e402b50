#include "daemon/inbound/client_address.hpp"

#include <ranges>
#include <string_view>
#include <strings.h>

namespace signwatch::inbound {
namespace {

using config::Address;

constexpr int most_hops = 32;
constexpr std::string_view blanks = " \t";

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// "192.0.2.1", "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]:4711"
std::optional<Address> address_in(std::string_view hop) {
    if (hop.starts_with('[')) {
        const auto end = hop.find(']');
        return end == std::string_view::npos ? std::nullopt : config::parse_address(hop.substr(1, end - 1));
    }
    const auto colon = hop.find(':');
    if (colon != std::string_view::npos && colon == hop.rfind(':')) hop = hop.substr(0, colon);
    return config::parse_address(hop);
}

}  // namespace

std::optional<Address> client_behind(const std::optional<Address>& peer,
                                     const std::vector<HttpHeader>& headers,
                                     const std::vector<config::Network>& trusted_proxies) {
    std::optional<Address> client = peer;
    int hops = 0;
    for (const HttpHeader& header : headers | std::views::reverse) {
        if (::strcasecmp(header.name.c_str(), "x-forwarded-for") != 0) continue;
        std::string_view rest = header.value;
        while (true) {
            const auto comma = rest.rfind(',');
            const auto hop = address_in(trimmed(comma == std::string_view::npos ? rest : rest.substr(comma + 1)));
            if (!hop || ++hops > most_hops) return std::nullopt;
            client = hop;
            if (!config::any_contains(trusted_proxies, *hop)) return client;
            if (comma == std::string_view::npos) break;
            rest = rest.substr(0, comma);
        }
    }
    return client;
}

std::string counting_key(const std::optional<Address>& address) {
    if (!address) return {};
    const Address block = config::client_block(*address);
    return {reinterpret_cast<const char*>(block.data()), block.size()};
}

}  // namespace signwatch::inbound
