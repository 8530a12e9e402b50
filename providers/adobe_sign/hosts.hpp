#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/ports/http.hpp"

namespace signwatch::adobe_sign {

/// Whether `text` may stand in the list of hosts: "host", "host:port" or, for any host below it, ".domain.tld".
bool is_host_pattern(const std::string& text);

/// Whether the origin ("https://host[:port]", as origin_of gives it) is one of these hosts. Without a port, only 443.
bool is_allowed(const std::vector<std::string>& patterns, const std::string& origin);

/// The client of each host that Adobe has sent us to: accounts are spread over many hosts and may be moved. Nobody but
/// the listed hosts is ever shown a token (adobe-signhub 1.1). Event-loop thread.
class Hosts {
public:
    /// `clients` outlives this. `identity` serves for each host, but for its origin.
    Hosts(HttpClientFactory& clients, HttpIdentity identity, std::vector<std::string> allowed);

    /// Whether `at` would find that URL's host in the list.
    bool allows(const std::string& url) const;

    /// The client for that URL's host; lives as long as this. Throws Error(permanent, "url_refused") for a host that is
    /// not listed, or one more host than an account can sensibly have.
    HttpClient& at(const std::string& url);

private:
    HttpClientFactory& clients_;
    HttpIdentity identity_;
    std::vector<std::string> allowed_;
    std::map<std::string, std::unique_ptr<HttpClient>> by_origin_;
};

}  // namespace signwatch::adobe_sign
