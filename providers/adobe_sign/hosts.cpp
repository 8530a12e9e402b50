#include "providers/adobe_sign/hosts.hpp"

#include <algorithm>

#include "core/domain/error.hpp"

namespace signwatch::adobe_sign {
namespace {

constexpr std::string_view scheme = "https://";
constexpr std::size_t most_hosts = 8;

bool matches(const std::string& pattern, const std::string& authority) {
    if (!pattern.starts_with('.')) return authority == pattern || authority == pattern + ":443";
    const std::string host = authority.ends_with(":443") ? authority.substr(0, authority.size() - 4) : authority;
    return host.size() > pattern.size() && host.ends_with(pattern);
}

}  // namespace

bool is_host_pattern(const std::string& text) {
    const bool below = text.starts_with('.');
    const std::string host = below ? text.substr(1) : text;
    if (origin_of(std::string(scheme) + host) != std::string(scheme) + host) return false;
    return !below || (host.find('.') != std::string::npos && host.find(':') == std::string::npos);
}

bool is_allowed(const std::vector<std::string>& patterns, const std::string& origin) {
    if (!origin.starts_with(scheme)) return false;
    const std::string authority = origin.substr(scheme.size());
    return std::ranges::any_of(patterns, [&](const auto& pattern) { return matches(pattern, authority); });
}

Hosts::Hosts(HttpClientFactory& clients, HttpIdentity identity, std::vector<std::string> allowed)
    : clients_(clients), identity_(std::move(identity)), allowed_(std::move(allowed)) {}

bool Hosts::allows(const std::string& url) const {
    const std::string origin = origin_of(url);
    return !origin.empty() && is_allowed(allowed_, origin);
}

HttpClient& Hosts::at(const std::string& url) {
    const std::string origin = origin_of(url);
    if (!allows(url)) {
        throw Error(ErrorKind::permanent, "url_refused", "an access point that is not in allowed_hosts");
    }
    const auto known = by_origin_.find(origin);
    if (known != by_origin_.end()) return *known->second;
    if (by_origin_.size() >= most_hosts) {
        throw Error(ErrorKind::permanent, "url_refused", "the provider sent us to one host too many");
    }
    HttpIdentity identity = identity_;
    identity.origin = origin;
    return *by_origin_.emplace(origin, clients_.create(std::move(identity))).first->second;
}

}  // namespace signwatch::adobe_sign
