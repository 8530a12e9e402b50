#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signwatch::config {

/// Where a server listens: "host:port", "[ipv6]:port" or "unix:/path".
struct Endpoint {
    std::string host;  ///< without brackets; empty for a Unix socket
    std::uint16_t port = 0;
    std::string unix_path;  ///< empty for TCP

    bool is_unix() const { return !unix_path.empty(); }
    /// A Unix socket, "localhost", 127.0.0.0/8 or ::1: not reachable from other machines.
    bool is_local() const;
    /// In the form in which it is written.
    std::string text() const;

    bool operator==(const Endpoint&) const = default;
};

/// nullopt if it has none of the three forms.
std::optional<Endpoint> parse_endpoint(std::string_view text);

}  // namespace signwatch::config
