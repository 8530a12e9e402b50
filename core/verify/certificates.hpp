#pragma once

#include <string_view>

#include "core/verify/openssl_handle.hpp"

namespace signwatch::verify {

/// The certificate that `der` starts with; empty if there is none. OpenSSL 3 takes longer to decode a certificate's key
/// than to check a signature with it, and most documents bring the same few: each thread remembers some, by all their
/// bytes.
CertificateHandle certificate_from(std::string_view der);

}  // namespace signwatch::verify
