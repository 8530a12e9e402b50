#pragma once

#include <string_view>

#include <curl/curl.h>

#include "core/domain/error.hpp"

namespace signwatch::http {

/// The one place where libcurl's result codes become ours. `easy` is asked for details, so it must still be the handle
/// of that transfer; `curl_text` is its error buffer, which is looked at but never passed on: it may hold a URL.
Error to_error(CURLcode code, CURL* easy, std::string_view curl_text);

}  // namespace signwatch::http
