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
};

/// Proves that bytes are the signed document they claim to be, before they count as stored.
class DocumentVerifier {
public:
    virtual ~DocumentVerifier() = default;

    /// Reads the document through `descriptor` (from offset 0, without moving the file offset). Throws Error(integrity)
    /// with a code such as "pdf_unsigned" when it is not what `kind` demands, Error(transient, "verifier_down") when it
    /// could not be checked.
    virtual Task<Verification> verify(DocumentKind kind, int descriptor, std::uint64_t size) = 0;
};

}  // namespace signwatch
