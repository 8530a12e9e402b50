#pragma once

#include <string_view>

#include "core/ports/verifier.hpp"

namespace signwatch::verify {

/// Proves that `bytes` are an XAdES file whose signatures are intact: every ds:Signature value matches its KeyInfo
/// certificate and every same-document reference its digest; each outermost signature covers its own XAdES
/// SignedProperties. References to other files and transforms that we do not know are counted, not followed. W3C XML
/// Signature 1.1, ETSI EN 319 132-1. Throws Error(integrity): xml_malformed, xml_doctype, xml_limits, xades_unsigned,
/// xades_not_qualified, xades_digest, xades_signature.
Verification verify_xades(std::string_view bytes);

/// Sets up libxml2; call once, before other threads use it.
void initialise_xml();

}  // namespace signwatch::verify
