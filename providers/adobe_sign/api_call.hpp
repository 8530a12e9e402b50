#pragma once

#include <string>
#include <vector>

#include "core/ports/http.hpp"

namespace signwatch::adobe_sign {

/// One call of the REST interface, wherever the account lives. Also the name of what is asked: the path with its query.
struct ApiCall {
    std::string method = "GET";
    std::string path;  ///< behind ".../api/rest/v6", with its query
    std::vector<HttpHeader> headers;
    std::string body;
    milliseconds total_timeout{30'000};
    std::uint64_t max_body = 1 << 20;
};

}  // namespace signwatch::adobe_sign
