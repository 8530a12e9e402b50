#pragma once

#include <memory>

#include <curl/curl.h>

#include "core/domain/error.hpp"

namespace signwatch::http {

struct FreeCurl {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

using EasyHandle = std::unique_ptr<CURL, FreeCurl>;
using UrlHandle = std::unique_ptr<CURLU, FreeCurl>;
using HeaderList = std::unique_ptr<curl_slist, FreeCurl>;

/// Keeps libcurl's global state alive; libcurl counts these.
struct CurlLibrary {
    CurlLibrary() { curl_global_init(CURL_GLOBAL_DEFAULT); }
    ~CurlLibrary() { curl_global_cleanup(); }
    CurlLibrary(const CurlLibrary&) = delete;
    CurlLibrary& operator=(const CurlLibrary&) = delete;
};

/// Sets an option that protects us: an option that this libcurl does not know must not be ignored.
template <typename Value>
void set_option(CURL* easy, CURLoption option, Value value) {
    if (curl_easy_setopt(easy, option, value) != CURLE_OK) {
        throw Error(ErrorKind::permanent, "http_library", "libcurl refuses an option that signwatch needs");
    }
}

}  // namespace signwatch::http
