#include "core/verify/xades.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <libxml/parser.h>

#include "core/crypto/encoding.hpp"
#include "core/verify/refuse.hpp"
#include "core/verify/xml_document.hpp"
#include "core/verify/xml_signature.hpp"

namespace signwatch::verify {
namespace {

constexpr std::size_t max_signatures = 16;
constexpr std::array<std::string_view, 4> xades_namespaces{"http://uri.etsi.org/01903/v1.3.2#",
                                                           "http://uri.etsi.org/01903/v1.4.1#",
                                                           "http://uri.etsi.org/01903/v1.2.2#",
                                                           "http://uri.etsi.org/01903/v1.1.1#"};

struct Found {
    xmlNode* signature;
    bool outermost;
};

void find_signatures(xmlNode* element, bool inside, std::vector<Found>& found) {
    const bool here = is_element(element, dsig_namespace, "Signature");
    if (here) {
        if (found.size() == max_signatures) refuse("xml_limits", "the XML has too many signatures");
        found.push_back({element, !inside});
    }
    for (xmlNode* node = element->children; node != nullptr; node = node->next) {
        if (node->type == XML_ELEMENT_NODE) find_signatures(node, inside || here, found);
    }
}

xmlNode* signed_properties_of(const xmlNode* signature) {
    for (const xmlNode* object : children(signature, dsig_namespace, "Object")) {
        for (const std::string_view name_space : xades_namespaces) {
            const xmlNode* properties = child(object, name_space, "QualifyingProperties");
            if (properties != nullptr) return child(properties, name_space, "SignedProperties");
        }
    }
    return nullptr;
}

const xmlNode* certificate_digest_in(const xmlNode* properties) {
    const std::string_view name_space = reinterpret_cast<const char*>(properties->ns->href);
    const xmlNode* found = child(properties, name_space, "SignedSignatureProperties");
    if (found == nullptr) return nullptr;
    const xmlNode* version_1 = child(found, name_space, "SigningCertificate");
    found = version_1 != nullptr ? version_1 : child(found, name_space, "SigningCertificateV2");
    if (found != nullptr) found = child(found, name_space, "Cert");
    if (found != nullptr) found = child(found, name_space, "CertDigest");
    return found;
}

// KeyInfo is not signed; the digest in the signed properties is what ties the certificate to the signature.
void require_named_certificate(const xmlNode* properties, const std::vector<std::string>& certificates) {
    const xmlNode* named = certificate_digest_in(properties);
    const xmlNode* method = named == nullptr ? nullptr : child(named, dsig_namespace, "DigestMethod");
    const xmlNode* value = named == nullptr ? nullptr : child(named, dsig_namespace, "DigestValue");
    if (method == nullptr || value == nullptr || digest_by(method, "").empty()) return;
    const std::string expected = compact(text_of(value));
    const auto is_named = [&](const std::string& certificate) { return digest_by(method, certificate) == expected; };
    if (std::none_of(certificates.begin(), certificates.end(), is_named)) {
        refuse("xades_signature", "a signature names another certificate than the one it brings");
    }
}

void require_qualified(const xmlNode* signature, const CheckedSignature& checked) {
    const xmlNode* properties = signed_properties_of(signature);
    if (properties == nullptr) refuse("xades_not_qualified", "a signature has no XAdES properties");
    const auto covers = [properties](const xmlNode* covered) { return contains(covered, properties); };
    if (std::none_of(checked.covered.begin(), checked.covered.end(), covers)) {
        refuse("xades_not_qualified", "a signature does not cover its XAdES properties");
    }
    require_named_certificate(properties, checked.certificates);
}

std::string plural(int count, const std::string& what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace

void initialise_xml() {
    xmlInitParser();
}

Verification verify_xades(std::string_view bytes) {
    const XmlDocument document = parse_xml(bytes);
    std::vector<Found> found;
    find_signatures(xmlDocGetRootElement(document.tree.get()), false, found);
    if (found.empty()) refuse("xades_unsigned", "the XML has no signature");
    int unknown = 0;
    int elsewhere = 0;
    int parts = 0;
    for (const Found& one : found) {
        const CheckedSignature checked = check_signature(document, one.signature);
        if (one.outermost) require_qualified(one.signature, checked);
        parts += static_cast<int>(checked.covered.size());
        elsewhere += checked.unchecked_references;
        if (!checked.value_checked) ++unknown;
    }
    std::string summary =
        plural(static_cast<int>(found.size()), "signature") + ", " + plural(parts, "signed part") + " intact";
    if (elsewhere > 0) summary += ", " + plural(elsewhere, "reference") + " not checked";
    if (unknown > 0) summary += ", " + plural(unknown, "signature value") + " of an unknown algorithm not checked";
    return {"application/xml", summary, static_cast<int>(found.size()) - unknown};
}

}  // namespace signwatch::verify
