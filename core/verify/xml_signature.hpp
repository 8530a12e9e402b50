#pragma once

#include <string_view>
#include <vector>

#include "core/verify/xml_document.hpp"

namespace signwatch::verify {

inline constexpr std::string_view dsig_namespace = "http://www.w3.org/2000/09/xmldsig#";

/// What was found out about one ds:Signature.
struct CheckedSignature {
    std::vector<const xmlNode*> covered;  ///< the elements whose digests match
    int unchecked_references = 0;         ///< to other files, or through transforms that we do not know
    bool value_checked = false;           ///< false: an algorithm that we do not know
    std::vector<std::string>
        certificates;  ///< DER; the one whose key made the signature value, or all if it was not checked
};

/// Checks the references of a ds:Signature and its value against the certificates of its KeyInfo (W3C XML
/// Signature 1.1, section 3.2). Throws Error(integrity): xades_digest, xades_signature, xml_limits.
CheckedSignature check_signature(const XmlDocument& document, const xmlNode* signature);

/// The digest of a text by the algorithm of a ds:DigestMethod element, base64; empty if we do not know the algorithm.
std::string digest_by(const xmlNode* method, std::string_view text);

/// A base64 text as XML carries it, without white space.
std::string compact(std::string_view base64);

}  // namespace signwatch::verify
