#pragma once

#include <chrono>
#include <cstddef>

namespace signwatch::http {

/// What a peer may make us hold or wait for, whatever a single request says. Body size and time-outs come with each
/// request.
struct Limits {
    std::size_t header_count = 100;
    std::size_t header_bytes = 64 * 1024;     ///< all header lines of one answer, interim answers included
    std::size_t kept_error_body = 64 * 1024;  ///< of an answer to a download that is not a 200
    std::size_t url_bytes = 8 * 1024;
    std::chrono::seconds slow_window{20};  ///< how long a transfer may stay below its min_bytes_per_second
};

}  // namespace signwatch::http
