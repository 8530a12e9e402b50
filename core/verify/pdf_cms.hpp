#pragma once

#include <string_view>

namespace signwatch::verify {

/// The two stretches of a file that a PDF signature covers.
struct SignedRanges {
    std::string_view before;
    std::string_view after;
};

/// Proves that a detached CMS (DER, zero padding after it) signs exactly these ranges with its embedded certificate,
/// and that the certificate is the one that the signature names (RFC 5652, RFC 5035). Throws Error(integrity): pdf_cms,
/// pdf_digest.
void verify_detached_cms(std::string_view cms, const SignedRanges& ranges);

/// The same for an RFC 3161 time-stamp token, as a document time stamp holds it (ETSI EN 319 142-1, 5.4.3).
void verify_time_stamp(std::string_view token, const SignedRanges& ranges);

}  // namespace signwatch::verify
