#pragma once

#include <string_view>

#include "core/domain/error.hpp"
#include "core/ports/http.hpp"

namespace signwatch::s3 {

/// What an answer that is not what we asked for means. All of it is transient to those who store documents: whatever is
/// wrong with the store, the document is not to blame, and its update must wait rather than be parked.
struct Refusal {
    Error error;
    bool passing = false;  ///< worth another try within the same call
};

/// Codes: "s3_slow_down", "s3_unavailable", "s3_redirect", "s3_denied", "s3_clock", "s3_bucket", "s3_checksum",
/// "s3_refused". A short Retry-After comes with the error.
Refusal refusal_of(const HttpResponse& response);

/// The same for an exchange that gave no answer: "http_..." becomes "s3_unreachable" or "s3_answer"; what is no failure
/// of the exchange (cancelled, a sink that takes no more) stays as it is.
Refusal refusal_of(const Error& error);

}  // namespace signwatch::s3
