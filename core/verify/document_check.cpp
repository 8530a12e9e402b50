#include "core/verify/document_check.hpp"

#include <new>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "core/verify/pades.hpp"
#include "core/verify/refuse.hpp"
#include "core/verify/xades.hpp"

namespace signwatch::verify {
namespace {

Verification check_by_kind(DocumentKind kind, std::string_view bytes) {
    switch (kind) {
        case DocumentKind::pades:
            return verify_pades(bytes);
        case DocumentKind::xades:
            return verify_xades(bytes);
        case DocumentKind::signed_pdf:
        case DocumentKind::signature_record:
        case DocumentKind::audit_trail:
            return verify_pdf(bytes);
        case DocumentKind::form_data:
            break;
    }
    return {"application/octet-stream", std::to_string(bytes.size()) + " bytes, content not checked", 0};
}

bool is_xml(DocumentKind kind) {
    return kind == DocumentKind::xades;
}

}  // namespace

Verification check_document(DocumentKind kind, std::string_view bytes) {
    if (bytes.empty()) refuse("document_empty", "the document is empty");
    try {
        return check_by_kind(kind, bytes);
    } catch (const std::bad_alloc&) {
        refuse(is_xml(kind) ? "xml_limits" : "pdf_malformed", "reading the document takes more memory than we allow");
    }
}

void warm_up() {
    OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG | OPENSSL_INIT_LOAD_CRYPTO_STRINGS, nullptr);
    for (const char* name : {"SHA1", "SHA256", "SHA384", "SHA512"})
        EVP_MD_free(EVP_MD_fetch(nullptr, name, nullptr));
    initialise_xml();
}

}  // namespace signwatch::verify
