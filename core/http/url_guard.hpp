#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/http/curl_handles.hpp"

namespace signwatch::http {

/// Lets URLs pass that lead to one origin and nowhere else. Providers hand us URLs that we call with our client
/// certificate; a forged one must not make us show it to a stranger. There is one parser: the handle that is checked
/// here is what libcurl connects with. Beyond that, host and port must be spelled just as in the origin, so that no
/// other spelling has to be judged.
class UrlGuard {
public:
    /// `origin`: "https://host" or "https://host:port". Error(permanent, "url_refused") if it is anything else.
    UrlGuard(const std::string& origin, std::size_t max_bytes);

    /// The parsed URL; Error(permanent, "url_refused") if it does not lead to the origin.
    UrlHandle admit(const std::string& url) const;

private:
    bool spells_origin(std::string_view url) const;

    std::string host_;
    std::string port_;
    std::size_t max_bytes_;
};

}  // namespace signwatch::http
