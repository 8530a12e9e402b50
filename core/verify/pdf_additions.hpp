#pragma once

#include <cstddef>
#include <string_view>

namespace signwatch::verify {

/// Proves that what follows the last signature of a PDF, from `signed_end` on, is one incremental update that only adds
/// validation data: a document security store in the catalog (ISO 32000-2 12.8.4.3, ETSI EN 319 142-1 PAdES B-LT) and
/// the certificates, revocation lists and OCSP answers in it. Nothing that was signed may change, vanish, or get an
/// object it lacked (docs/decisions/0006). Throws Error(integrity, "pdf_byte_range").
void require_only_validation_data(std::string_view bytes, std::size_t signed_end);

}  // namespace signwatch::verify
