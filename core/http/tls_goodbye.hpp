#pragma once

#include <memory>

#include <curl/curl.h>

namespace signwatch::http {

/// A body without a length ends with its connection; whether the peer ended it or somebody cut it, only TLS can say,
/// and libcurl does not look. Called while `easy` receives: what is returned becomes true when the peer says goodbye
/// (close_notify). Null if `easy` has no TLS connection.
std::shared_ptr<const bool> watch_for_goodbye(CURL* easy);

}  // namespace signwatch::http
