#pragma once

#include <cstdint>
#include <string>

#include "core/domain/sensitive.hpp"
#include "core/domain/time.hpp"

namespace signwatch {

enum class DocumentKind { pades, xades, signed_pdf, audit_trail, signature_record, form_data };

/// Where a document can be fetched. `participant` is the order of the signer it belongs to, 0 for the whole process;
/// `part` tells several of one kind apart, from 1, and is 0 where there can be only one.
struct DocumentRef {
    DocumentKind kind = DocumentKind::pades;
    int participant = 0;
    Sensitive locator;
    int part = 0;
    bool counted = true;  ///< fetching it is a call to the provider; false: it lies elsewhere and costs no budget
};

/// Size and SHA-256 (lower-case hex) of bytes: the identity of a stored document.
struct DocumentDigest {
    std::string sha256;
    std::uint64_t size = 0;

    bool operator==(const DocumentDigest&) const = default;
};

/// A document that is durable in the document store.
struct StoredDocument {
    DocumentKind kind = DocumentKind::pades;
    int participant = 0;
    int part = 0;
    DocumentDigest digest;
    std::string media_type;
    std::string uri;           ///< where consumers find it ("file:///...")
    std::string verification;  ///< one line for people and the event: what was proved about it
    WallTime stored_at{};
};

}  // namespace signwatch
