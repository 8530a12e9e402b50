#include "core/verify/xml_signature.hpp"

#include <algorithm>
#include <array>

#include <openssl/ec.h>
#include <openssl/err.h>

#include "core/crypto/encoding.hpp"
#include "core/verify/certificates.hpp"
#include "core/verify/refuse.hpp"
#include "core/verify/xml_canonical.hpp"

namespace signwatch::verify {
namespace {

constexpr std::size_t max_references = 64;
constexpr std::size_t max_certificates = 8;

struct DigestAlgorithm {
    std::string_view uri;
    const EVP_MD* (*digest)();
};

constexpr std::array digest_algorithms{
    DigestAlgorithm{"http://www.w3.org/2001/04/xmlenc#sha256", EVP_sha256},
    DigestAlgorithm{"http://www.w3.org/2001/04/xmlenc#sha512", EVP_sha512},
    DigestAlgorithm{"http://www.w3.org/2001/04/xmldsig-more#sha384", EVP_sha384},
    DigestAlgorithm{"http://www.w3.org/2000/09/xmldsig#sha1", EVP_sha1},
};

struct SignatureAlgorithm {
    std::string_view uri;
    const EVP_MD* (*digest)();
    int key_type;
};

constexpr std::array signature_algorithms{
    SignatureAlgorithm{"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", EVP_sha256, EVP_PKEY_RSA},
    SignatureAlgorithm{"http://www.w3.org/2001/04/xmldsig-more#rsa-sha384", EVP_sha384, EVP_PKEY_RSA},
    SignatureAlgorithm{"http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", EVP_sha512, EVP_PKEY_RSA},
    SignatureAlgorithm{"http://www.w3.org/2000/09/xmldsig#rsa-sha1", EVP_sha1, EVP_PKEY_RSA},
    SignatureAlgorithm{"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", EVP_sha256, EVP_PKEY_EC},
    SignatureAlgorithm{"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384", EVP_sha384, EVP_PKEY_EC},
    SignatureAlgorithm{"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512", EVP_sha512, EVP_PKEY_EC},
};

const xmlNode* require_child(const xmlNode* parent, std::string_view name) {
    const xmlNode* found = child(parent, dsig_namespace, name);
    if (found == nullptr) refuse("xades_signature", "a signature lacks one of its parts");
    return found;
}

std::string decoded(const xmlNode* element) {
    std::optional<std::string> bytes = crypto::from_base64(text_of(element));
    if (!bytes || bytes->empty()) refuse("xades_signature", "a part of a signature is not base64");
    return std::move(*bytes);
}

/// Where a same-document reference points and how it is brought into octets.
struct Target {
    const xmlNode* apex = nullptr;
    const xmlNode* omitted = nullptr;
    Canonicalisation how;
};

// False: a transform that we do not know, so the digest cannot be checked.
bool read_transforms(const xmlNode* reference, const xmlNode* signature, Target& target) {
    const xmlNode* transforms = child(reference, dsig_namespace, "Transforms");
    if (transforms == nullptr) return true;
    bool octets = false;
    for (const xmlNode* transform : children(transforms, dsig_namespace, "Transform")) {
        if (octets) return false;
        if (attribute(transform, "Algorithm") == "http://www.w3.org/2000/09/xmldsig#enveloped-signature") {
            target.omitted = signature;
            continue;
        }
        const std::optional<Canonicalisation> how = canonicalisation_of(transform);
        if (!how) return false;
        target.how = *how;
        octets = true;
    }
    return true;
}

const xmlNode* resolve(const XmlDocument& document, const std::string& uri) {
    if (uri.empty()) return reinterpret_cast<const xmlNode*>(document.tree.get());
    const auto found = document.by_id.find(std::string_view(uri).substr(1));
    if (found == document.by_id.end()) refuse("xades_digest", "a reference points to nothing");
    return found->second;
}

bool is_same_document(const xmlNode* reference, const std::string& uri) {
    return has_attribute(reference, "URI") && (uri.empty() || (uri.starts_with('#') && !uri.starts_with("#xpointer(")));
}

void check_reference(const XmlDocument& document,
                     const xmlNode* reference,
                     const xmlNode* signature,
                     CheckedSignature& checked) {
    const std::string uri = attribute(reference, "URI");
    Target target;
    if (!is_same_document(reference, uri) || !read_transforms(reference, signature, target)) {
        ++checked.unchecked_references;
        return;
    }
    target.apex = resolve(document, uri);
    const std::string octets =
        canonical_form(document.tree.get(), target.apex, target.omitted, /*keep_comments=*/false, target.how);
    const std::string actual = digest_by(require_child(reference, "DigestMethod"), octets);
    if (actual.empty()) {
        ++checked.unchecked_references;
        return;
    }
    if (actual != compact(text_of(require_child(reference, "DigestValue")))) {
        refuse("xades_digest", "a signed part differs from what was signed");
    }
    checked.covered.push_back(target.apex);
}

// XML signatures carry r and s side by side, OpenSSL wants them in DER (RFC 4050, section 3.3).
std::string to_der(const std::string& raw) {
    if (raw.size() % 2 != 0 || raw.size() > 132)
        refuse("xades_signature", "an ECDSA signature has an impossible length");
    const auto* bytes = reinterpret_cast<const unsigned char*>(raw.data());
    const int half = static_cast<int>(raw.size() / 2);
    const Handle<ECDSA_SIG, ECDSA_SIG_free> pair(ECDSA_SIG_new());
    BIGNUM* r = BN_bin2bn(bytes, half, nullptr);
    BIGNUM* s = BN_bin2bn(bytes + half, half, nullptr);
    if (!pair || ECDSA_SIG_set0(pair.get(), r, s) != 1) throw std::bad_alloc();
    std::array<unsigned char, 160> der{};
    unsigned char* at = der.data();
    const int size = i2d_ECDSA_SIG(pair.get(), &at);
    if (size <= 0) refuse("xades_signature", "an ECDSA signature cannot be read");
    return {reinterpret_cast<const char*>(der.data()), static_cast<std::size_t>(size)};
}

bool matches(const std::string& certificate,
             const SignatureAlgorithm& how,
             const std::string& text,
             const std::string& value) {
    const CertificateHandle parsed = certificate_from(certificate);
    EVP_PKEY* key = parsed ? X509_get0_pubkey(parsed.get()) : nullptr;
    if (key == nullptr || EVP_PKEY_get_base_id(key) != how.key_type) return false;
    const std::string signature = how.key_type == EVP_PKEY_EC ? to_der(value) : value;
    const DigestContext context(EVP_MD_CTX_new());
    return context && EVP_DigestVerifyInit(context.get(), nullptr, how.digest(), nullptr, key) == 1 &&
           EVP_DigestVerify(context.get(),
                            reinterpret_cast<const unsigned char*>(signature.data()),
                            signature.size(),
                            reinterpret_cast<const unsigned char*>(text.data()),
                            text.size()) == 1;
}

std::vector<std::string> certificates_of(const xmlNode* signature) {
    std::vector<std::string> certificates;
    const xmlNode* info = require_child(signature, "KeyInfo");
    for (const xmlNode* data : children(info, dsig_namespace, "X509Data")) {
        for (const xmlNode* certificate : children(data, dsig_namespace, "X509Certificate")) {
            if (certificates.size() == max_certificates) refuse("xml_limits", "a signature has too many certificates");
            certificates.push_back(decoded(certificate));
        }
    }
    if (certificates.empty()) refuse("xades_signature", "a signature brings no certificate");
    return certificates;
}

void check_value(const XmlDocument& document,
                 const xmlNode* signature,
                 const xmlNode* info,
                 CheckedSignature& checked) {
    const std::string uri = attribute(require_child(info, "SignatureMethod"), "Algorithm");
    const std::optional<Canonicalisation> how = canonicalisation_of(require_child(info, "CanonicalizationMethod"));
    const auto known = std::find_if(signature_algorithms.begin(),
                                    signature_algorithms.end(),
                                    [&uri](const auto& algorithm) { return algorithm.uri == uri; });
    checked.certificates = certificates_of(signature);
    const std::string value = decoded(require_child(signature, "SignatureValue"));
    if (!how || known == signature_algorithms.end()) return;
    const std::string text = canonical_form(document.tree.get(), info, nullptr, /*keep_comments=*/true, *how);
    const auto made_by = [&](const std::string& certificate) { return matches(certificate, *known, text, value); };
    const auto signer = std::find_if(checked.certificates.begin(), checked.certificates.end(), made_by);
    ERR_clear_error();
    if (signer == checked.certificates.end()) refuse("xades_signature", "a signature does not match its certificate");
    checked.certificates = {*signer};
    checked.value_checked = true;
}

}  // namespace

std::string compact(std::string_view base64) {
    std::string text;
    for (const char c : base64) {
        if (std::string_view(" \t\r\n").find(c) == std::string_view::npos) text += c;
    }
    return text;
}

std::string digest_by(const xmlNode* method, std::string_view text) {
    const std::string uri = attribute(method, "Algorithm");
    for (const DigestAlgorithm& known : digest_algorithms) {
        if (uri != known.uri) continue;
        std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
        unsigned int size = 0;
        if (EVP_Digest(text.data(), text.size(), hash.data(), &size, known.digest(), nullptr) != 1) return {};
        return crypto::to_base64({reinterpret_cast<const char*>(hash.data()), size});
    }
    return {};
}

CheckedSignature check_signature(const XmlDocument& document, const xmlNode* signature) {
    CheckedSignature checked;
    const xmlNode* info = require_child(signature, "SignedInfo");
    const std::vector<xmlNode*> references = children(info, dsig_namespace, "Reference");
    if (references.empty()) refuse("xades_signature", "a signature signs nothing");
    if (references.size() > max_references) refuse("xml_limits", "a signature has too many references");
    for (const xmlNode* reference : references)
        check_reference(document, reference, signature, checked);
    check_value(document, signature, info, checked);
    return checked;
}

}  // namespace signwatch::verify
