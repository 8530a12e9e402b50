#include "core/ports/http.hpp"

#include <algorithm>
#include <charconv>
#include <strings.h>

namespace signwatch {
namespace {

bool all_digits(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_port(std::string_view text) {
    int port = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), port);
    return all_digits(text) && result.ec == std::errc{} && port >= 1 && port <= 65'535;
}

bool is_host(std::string_view text) {
    const bool address = text.size() > 2 && text.front() == '[' && text.back() == ']';
    if (address) text = text.substr(1, text.size() - 2);
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        const bool name = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
        return name || (address && c == ':');
    });
}

}  // namespace

std::optional<std::string_view> HttpResponse::header(std::string_view name) const {
    for (const HttpHeader& entry : headers) {
        if (entry.name.size() == name.size() && ::strncasecmp(entry.name.data(), name.data(), name.size()) == 0) {
            return entry.value;
        }
    }
    return std::nullopt;
}

std::string origin_of(const std::string& url) {
    constexpr std::string_view scheme = "https://";
    if (!std::string_view{url}.starts_with(scheme)) return {};
    const bool plain = std::ranges::all_of(url, [](char c) {
        return c > 0x20 && c < 0x7F && std::string_view{"?#@\\\"<>%"}.find(c) == std::string_view::npos;
    });
    if (!plain) return {};
    std::string authority = url.substr(scheme.size());
    authority.resize(std::min(authority.find('/'), authority.size()));
    std::ranges::transform(
        authority, authority.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    std::string_view host = authority;
    const std::size_t colon = host.rfind(':');
    if (colon != std::string_view::npos && !host.ends_with(']')) {
        if (!is_port(host.substr(colon + 1))) return {};
        host = host.substr(0, colon);
    }
    return is_host(host) ? std::string{scheme} + authority : std::string{};
}

}  // namespace signwatch
