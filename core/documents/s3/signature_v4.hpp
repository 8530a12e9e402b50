#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/domain/time.hpp"
#include "core/ports/http.hpp"

namespace signwatch::s3 {

/// Names and values as they are, not encoded; a name may stand alone ("uploads").
using Query = std::vector<std::pair<std::string, std::string>>;

/// Whose signature, and for which service of which region.
struct SigningScope {
    std::string access_key_id;
    std::string_view secret;  ///< the caller's, for the time of the call
    std::string region;
    std::string service = "s3";
};

/// What AWS Signature Version 4 covers. Every header given is signed; "host" and "x-amz-date" must be among them.
struct SignedParts {
    std::string method;
    std::string path;  ///< encoded, beginning with '/'
    Query query;
    std::vector<HttpHeader> headers;
    std::string payload_sha256;  ///< lower-case hex
};

/// The value of the header Authorization: "AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...". Pure.
/// Source: AWS, "Create a signed AWS API request" and "Authenticating Requests: Using the Authorization Header".
std::string authorization(const SigningScope& scope, const SignedParts& parts, WallTime time);

/// "20130524T000000Z", the form of x-amz-date.
std::string amz_date(WallTime time);

/// RFC 3986: everything but unreserved characters becomes %XX; '/' stays if `keep_slash`.
std::string uri_encode(std::string_view text, bool keep_slash);

/// "a=1&b=": encoded, in the order in which it is signed. Empty for an empty query.
std::string canonical_query(const Query& query);

}  // namespace signwatch::s3
