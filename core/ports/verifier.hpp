#pragma once

#include <cstdint>
#include <string>

#include "core/domain/document.hpp"
#include "core/ports/task.hpp"

namespace signwatch {

/// What was proved about a document.
struct Verification {
    std::string media_type;  ///< "application/pdf", "application/xml"
    std::string summary;     ///< one line without personal data: "2 signatures, the last covers all 203114 bytes"
    int signatures = 0;      ///< signatures inside it that were checked
};

/// Proves that bytes are the signed document they claim to be, before they count as stored.
class DocumentVerifier {
public:
    virtual ~DocumentVerifier() = default;

    /// A `signed_pdf` without any PDF signature passes with `signatures` 0: whether that will do is the caller's
    /// policy. A `signature_record` or `audit_trail` is a PDF, signed or not; `form_data` is anything. Reads the
    /// document through `descriptor` (from offset 0, without moving the file offset). Throws Error(integrity) with a
    /// code such as "pdf_unsigned" when it is not what `kind` demands, Error(transient, "verifier_down") when it could
    /// not be checked.
    virtual Task<Verification> verify(DocumentKind kind, int descriptor, std::uint64_t size) = 0;
};

}  // namespace signwatch
