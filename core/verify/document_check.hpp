#pragma once

#include <string_view>

#include "core/domain/document.hpp"
#include "core/ports/verifier.hpp"

namespace signwatch::verify {

/// Is this really the document that `kind` promises? A pure function over untrusted bytes, meant to run in the jailed
/// worker. Throws Error(integrity): document_empty, and the codes of verify_pades, verify_pdf and verify_xades.
Verification check_document(DocumentKind kind, std::string_view bytes);

/// Pays the one-time costs of OpenSSL, libxml2 and qpdf (algorithm fetches, error tables), before the jail closes.
void warm_up();

}  // namespace signwatch::verify
