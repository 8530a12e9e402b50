#include "core/verify/pdf_cms.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>

#include <climits>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/ts.h>

#include "core/verify/certificates.hpp"
#include "core/verify/cms_parts.hpp"
#include "core/verify/openssl_handle.hpp"
#include "core/verify/refuse.hpp"

namespace signwatch::verify {
namespace {

constexpr int max_signers = 8;

struct ErrorQueue {
    ~ErrorQueue() { ERR_clear_error(); }
};

const unsigned char* octets(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

struct FreeCertificates {
    void operator()(STACK_OF(X509) * stack) const { sk_X509_pop_free(stack, X509_free); }
};
using Certificates = std::unique_ptr<STACK_OF(X509), FreeCertificates>;

/// A CMS and the certificates that came with it, if they are not in it.
struct Signed {
    CmsHandle cms;
    Certificates certificates;
};

// Moves `at` behind what it decodes.
CmsHandle decode(std::string_view bytes, const unsigned char*& at) {
    at = octets(bytes);
    CmsHandle cms(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(std::min<std::size_t>(bytes.size(), LONG_MAX))));
    if (!cms || OBJ_obj2nid(CMS_get0_type(cms.get())) != NID_pkcs7_signed) {
        refuse("pdf_cms", "a signature holds no CMS SignedData");
    }
    return cms;
}

Certificates certificates_in(const CmsParts& parts) {
    Certificates stack(sk_X509_new_null());
    if (!stack) throw std::bad_alloc();
    for (const std::string_view der : parts.certificates) {
        CertificateHandle certificate = certificate_from(der);
        if (!certificate) refuse("pdf_cms", "a signature brings a certificate that cannot be read");
        if (sk_X509_push(stack.get(), certificate.get()) <= 0) throw std::bad_alloc();
        static_cast<void>(certificate.release());
    }
    return stack;
}

Signed parse(std::string_view bytes) {
    Signed parsed;
    const unsigned char* at = nullptr;
    std::string_view padding = bytes;
    const std::optional<CmsParts> parts = take_apart(bytes);
    if (parts) {
        parsed.cms = decode(parts->bare, at);
        parsed.certificates = certificates_in(*parts);
        padding.remove_prefix(parts->size);
    } else {
        parsed.cms = decode(bytes, at);
        padding.remove_prefix(static_cast<std::size_t>(at - octets(bytes)));
    }
    if (padding.find_first_not_of('\0') != std::string_view::npos)
        refuse("pdf_cms", "something follows the CMS of a signature");
    return parsed;
}

bool is_accepted_digest(int nid) {
    constexpr std::array accepted{
        NID_sha1, NID_sha224, NID_sha256, NID_sha384, NID_sha512, NID_sha3_256, NID_sha3_384, NID_sha3_512};
    return std::find(accepted.begin(), accepted.end(), nid) != accepted.end();
}

struct SignerParts {
    X509* certificate = nullptr;
    X509_ALGOR* digest = nullptr;
};

SignerParts parts_of(CMS_SignerInfo* signer) {
    SignerParts parts;
    CMS_SignerInfo_get0_algs(signer, nullptr, &parts.certificate, &parts.digest, nullptr);
    if (parts.certificate == nullptr) refuse("pdf_cms", "a signature has no certificate");
    if (!is_accepted_digest(OBJ_obj2nid(parts.digest->algorithm)))
        refuse("pdf_cms", "a signature uses an unknown digest");
    return parts;
}

std::string_view signing_certificate_attribute(CMS_SignerInfo* signer) {
    for (const int nid : {NID_id_smime_aa_signingCertificateV2, NID_id_smime_aa_signingCertificate}) {
        const auto* value =
            static_cast<ASN1_STRING*>(CMS_signed_get0_data_by_OBJ(signer, OBJ_nid2obj(nid), -3, V_ASN1_SEQUENCE));
        if (value == nullptr) continue;
        return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                static_cast<std::size_t>(ASN1_STRING_length(value))};
    }
    return {};
}

// The attribute lists hashes of certificates, the signer's first; looking for that hash tells as much as decoding it
// would.
void require_named_certificate(CMS_SignerInfo* signer, X509* certificate) {
    const std::string_view attribute = signing_certificate_attribute(signer);
    if (attribute.empty()) return;
    for (const EVP_MD* digest : {EVP_sha256(), EVP_sha512(), EVP_sha384(), EVP_sha1()}) {
        std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
        unsigned int size = 0;
        if (X509_digest(certificate, digest, hash.data(), &size) != 1) continue;
        const std::string_view wanted(reinterpret_cast<const char*>(hash.data()), size);
        if (attribute.find(wanted) != std::string_view::npos) return;
    }
    refuse("pdf_cms", "a signature names another certificate than the one it brings");
}

STACK_OF(CMS_SignerInfo) * signers_of(const Signed& data) {
    CMS_ContentInfo* const cms = data.cms.get();
    STACK_OF(CMS_SignerInfo)* signers = CMS_get0_SignerInfos(cms);
    const int count = signers == nullptr ? 0 : sk_CMS_SignerInfo_num(signers);
    if (count < 1 || count > max_signers) refuse("pdf_cms", "a signature has no signer, or too many");
    if (CMS_set1_signers_certs(cms, data.certificates.get(), 0) != count)
        refuse("pdf_cms", "a signature does not bring its certificate");
    return signers;
}

void feed(BIO* chain, std::string_view bytes) {
    while (!bytes.empty()) {
        const int piece = static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX));
        if (BIO_write(chain, bytes.data(), piece) != piece) refuse("pdf_cms", "the signed bytes cannot be hashed");
        bytes.remove_prefix(static_cast<std::size_t>(piece));
    }
}

// Signed attributes carry the digest of the content: their own signature tells a broken CMS from a changed document.
void verify_signer(CMS_SignerInfo* signer, BIO* digests) {
    const SignerParts parts = parts_of(signer);
    require_named_certificate(signer, parts.certificate);
    if (CMS_signed_get_attr_count(signer) >= 0 && CMS_SignerInfo_verify(signer) != 1) {
        refuse("pdf_cms", "a signature does not match its certificate");
    }
    if (CMS_SignerInfo_verify_content(signer, digests) != 1) {
        refuse("pdf_digest", "the document differs from what was signed");
    }
}

std::string embedded_content(CMS_ContentInfo* cms) {
    ASN1_OCTET_STRING** content = CMS_get0_content(cms);
    if (content == nullptr || *content == nullptr) refuse("pdf_cms", "a time stamp has no content");
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(*content)),
            static_cast<std::size_t>(ASN1_STRING_length(*content))};
}

void verify_signers(const Signed& data, const SignedRanges& content) {
    STACK_OF(CMS_SignerInfo)* signers = signers_of(data);
    BIO* sink = BIO_new(BIO_s_null());
    const BioChain digests(CMS_dataInit(data.cms.get(), sink));
    if (!digests) {
        BIO_free(sink);
        refuse("pdf_cms", "a signature uses an unknown digest");
    }
    feed(digests.get(), content.before);
    feed(digests.get(), content.after);
    for (int i = 0; i < sk_CMS_SignerInfo_num(signers); ++i) {
        verify_signer(sk_CMS_SignerInfo_value(signers, i), digests.get());
    }
}

std::string hash(const EVP_MD* digest, const SignedRanges& ranges) {
    const DigestContext context(EVP_MD_CTX_new());
    std::array<unsigned char, EVP_MAX_MD_SIZE> result{};
    unsigned int size = 0;
    if (!context || EVP_DigestInit_ex(context.get(), digest, nullptr) != 1 ||
        EVP_DigestUpdate(context.get(), ranges.before.data(), ranges.before.size()) != 1 ||
        EVP_DigestUpdate(context.get(), ranges.after.data(), ranges.after.size()) != 1 ||
        EVP_DigestFinal_ex(context.get(), result.data(), &size) != 1) {
        refuse("pdf_cms", "the signed bytes cannot be hashed");
    }
    return {reinterpret_cast<const char*>(result.data()), size};
}

void require_imprint(const std::string& content, const SignedRanges& ranges) {
    const unsigned char* at = octets(content);
    const Handle<TS_TST_INFO, TS_TST_INFO_free> info(d2i_TS_TST_INFO(nullptr, &at, static_cast<long>(content.size())));
    if (!info) refuse("pdf_cms", "a time stamp cannot be read");
    TS_MSG_IMPRINT* imprint = TS_TST_INFO_get_msg_imprint(info.get());
    const int nid = OBJ_obj2nid(TS_MSG_IMPRINT_get_algo(imprint)->algorithm);
    const EVP_MD* digest = is_accepted_digest(nid) ? EVP_get_digestbynid(nid) : nullptr;
    if (digest == nullptr) refuse("pdf_cms", "a time stamp uses an unknown digest");
    const ASN1_OCTET_STRING* stamped = TS_MSG_IMPRINT_get_msg(imprint);
    const std::string_view expected(reinterpret_cast<const char*>(ASN1_STRING_get0_data(stamped)),
                                    static_cast<std::size_t>(ASN1_STRING_length(stamped)));
    if (hash(digest, ranges) != expected) refuse("pdf_digest", "the document differs from what was time-stamped");
}

}  // namespace

void verify_detached_cms(std::string_view cms, const SignedRanges& ranges) {
    const ErrorQueue cleared;
    const Signed parsed = parse(cms);
    if (CMS_is_detached(parsed.cms.get()) != 1)
        refuse("pdf_cms", "a signature signs its own content, not the document");
    verify_signers(parsed, ranges);
}

void verify_time_stamp(std::string_view token, const SignedRanges& ranges) {
    const ErrorQueue cleared;
    const Signed parsed = parse(token);
    if (OBJ_obj2nid(CMS_get0_eContentType(parsed.cms.get())) != NID_id_smime_ct_TSTInfo) {
        refuse("pdf_cms", "a time stamp holds something else");
    }
    const std::string content = embedded_content(parsed.cms.get());
    verify_signers(parsed, SignedRanges{content, {}});
    require_imprint(content, ranges);
}

}  // namespace signwatch::verify
