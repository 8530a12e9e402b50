#include "core/http/url_guard.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

namespace signwatch::http {

namespace {

constexpr std::string_view scheme = "https://";

[[noreturn]] void refuse(const std::string& what) {
    throw Error(ErrorKind::permanent, "url_refused", what);
}

bool plain_text(std::string_view url) {
    return std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < 0x7f && c != '\\' && c != '#'; });
}

UrlHandle parse(const std::string& url) {
    UrlHandle handle(curl_url());
    if (!handle) throw std::bad_alloc();
    if (curl_url_set(handle.get(), CURLUPART_URL, url.c_str(), CURLU_DISALLOW_USER) != CURLUE_OK) return nullptr;
    return handle;
}

std::optional<std::string> part(const UrlHandle& url, CURLUPart which, unsigned flags = 0) {
    char* text = nullptr;
    if (curl_url_get(url.get(), which, &text, flags) != CURLUE_OK) return std::nullopt;
    std::string result(text);
    curl_free(text);
    return result;
}

bool has_none(const UrlHandle& url, std::initializer_list<CURLUPart> parts) {
    return std::none_of(parts.begin(), parts.end(), [&](CURLUPart which) { return part(url, which).has_value(); });
}

std::string lower(std::string text) {
    std::transform(
        text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

bool consume(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

}  // namespace

UrlGuard::UrlGuard(const std::string& origin, std::size_t max_bytes) : max_bytes_(max_bytes) {
    const UrlHandle url = plain_text(origin) && origin.starts_with(scheme) ? parse(origin) : nullptr;
    const auto path = url ? part(url, CURLUPART_PATH) : std::nullopt;
    const bool bare =
        path == "/" && has_none(url, {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_ZONEID});
    if (!bare) refuse("the configured origin is not of the form https://host or https://host:port");
    host_ = lower(part(url, CURLUPART_HOST).value_or(""));
    port_ = part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT).value_or("");
    if (!spells_origin(origin)) refuse("the host of the configured origin is not in its normal form");
}

UrlHandle UrlGuard::admit(const std::string& url) const {
    if (url.size() > max_bytes_) refuse("a URL is too long");
    if (!plain_text(url)) refuse("a URL holds characters that have no place in one");
    if (!spells_origin(url)) refuse("a URL does not lead to the configured host over https");
    UrlHandle handle = parse(url);
    if (!handle) refuse("a URL cannot be parsed");
    const bool here = part(handle, CURLUPART_SCHEME) == "https" &&
                      lower(part(handle, CURLUPART_HOST).value_or("")) == host_ &&
                      part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT) == port_;
    if (!here) refuse("a URL does not lead to the configured host over https");
    const bool plain =
        has_none(handle, {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS, CURLUPART_FRAGMENT, CURLUPART_ZONEID});
    if (!plain) refuse("a URL holds user-info, a fragment or a zone");
    return handle;
}

bool UrlGuard::spells_origin(std::string_view url) const {
    if (!consume(url, scheme)) return false;
    const std::string host = lower(std::string(url.substr(0, host_.size())));
    if (host_.empty() || host != host_) return false;
    url.remove_prefix(host_.size());
    const bool port_given = consume(url, ":" + port_);
    if (!port_given && port_ != "443") return false;
    return url.empty() || url.front() == '/' || url.front() == '?';
}

}  // namespace signwatch::http
