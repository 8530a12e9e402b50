#pragma once

#include <string_view>

#include "core/ports/verifier.hpp"

namespace signwatch::verify {

/// Proves that `bytes` are a PDF with intact signatures: every signature's /ByteRange leaves out exactly its own
/// /Contents and starts at 0, the last one covers the whole file (or all but a revision of validation data,
/// docs/decisions/0006), earlier ones end at an earlier revision, and every CMS matches the bytes it covers and its
/// embedded certificate. Trust in that certificate is not judged. ISO
/// 32000-1 12.8, ETSI EN 319 142-1. Throws Error(integrity): pdf_not_pdf, pdf_html, pdf_truncated, pdf_malformed,
/// pdf_encrypted, pdf_unsigned, pdf_byte_range, pdf_cms, pdf_digest.
Verification verify_pades(std::string_view bytes);

/// The same for a PDF that need not be signed: without any signature it passes with `signatures` 0, with signatures all
/// of the above must hold. Not pdf_unsigned.
Verification verify_pdf(std::string_view bytes);

}  // namespace signwatch::verify
