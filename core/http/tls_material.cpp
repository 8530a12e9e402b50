#include "core/http/tls_material.hpp"

#include <algorithm>
#include <cstring>
#include <ctime>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "core/domain/error.hpp"
#include "core/http/key_files.hpp"
#include "core/http/server_organisation.hpp"

namespace signwatch::http {

namespace {

struct FreeContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

WallTime expiry_of(const X509* certificate) {
    std::tm broken_down{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &broken_down) != 1) return WallTime{};
    return WallTime{std::chrono::seconds{::timegm(&broken_down)}};
}

WallTime first_expiry(const std::vector<Certificate>& certificates) {
    WallTime first = WallTime::max();
    for (const Certificate& certificate : certificates)
        first = std::min(first, expiry_of(certificate.get()));
    return first;
}

}  // namespace

TlsMaterial::TlsMaterial(const HttpIdentity& identity) : organisation_(identity.server_organisation) {
    if (identity.system_authorities && identity.ca_file.empty())
        trust_system();
    else
        load_authorities(identity.ca_file);
    if (!identity.pkcs12_file.empty() && !(identity.certificate_file.empty() && identity.key_file.empty())) {
        refuse_material(identity.pkcs12_file, "is given besides a certificate or key file; give one or the other");
    }
    if (!identity.pkcs12_file.empty())
        load_pkcs12(identity);
    else if (!identity.certificate_file.empty() || !identity.key_file.empty())
        load_pem(identity);
    const std::unique_ptr<SSL_CTX, FreeContext> trial(SSL_CTX_new(TLS_client_method()));
    if (!trial || !apply(trial.get())) {
        ERR_clear_error();
        const auto& file = identity.pkcs12_file.empty() ? identity.certificate_file : identity.pkcs12_file;
        refuse_material(file, "holds a key or certificate that is too weak for TLS");
    }
}

void TlsMaterial::load_authorities(const std::string& file) {
    if (file.empty()) refuse_material("(none)", "no file with the pinned certificate authorities is configured");
    authorities_ = read_certificates(file);
    trusted_.reset(X509_STORE_new());
    if (!trusted_) throw std::bad_alloc();
    for (const Certificate& authority : authorities_)
        X509_STORE_add_cert(trusted_.get(), authority.get());
    // What is pinned is trusted as it is, intermediate authorities too: their roots need not be in the file.
    X509_STORE_set_flags(trusted_.get(), X509_V_FLAG_PARTIAL_CHAIN);
}

void TlsMaterial::trust_system() {
    trusted_.reset(X509_STORE_new());
    if (!trusted_) throw std::bad_alloc();
    if (X509_STORE_set_default_paths(trusted_.get()) == 1) return;
    ERR_clear_error();
    refuse_material("(system)", "has no certificate authorities that can be read");
}

void TlsMaterial::load_pem(const HttpIdentity& identity) {
    if (identity.certificate_file.empty()) refuse_material(identity.key_file, "is given without a certificate file");
    if (identity.key_file.empty()) refuse_material(identity.certificate_file, "is given without a key file");
    chain_ = read_certificates(identity.certificate_file);
    certificate_ = std::move(chain_.front());
    chain_.erase(chain_.begin());
    key_ = read_key(identity.key_file, identity.key_password_file);
    if (X509_check_private_key(certificate_.get(), key_.get()) != 1) {
        ERR_clear_error();
        refuse_material(identity.key_file, "is not the key of the certificate in " + identity.certificate_file);
    }
}

void TlsMaterial::load_pkcs12(const HttpIdentity& identity) {
    Pkcs12Contents contents = read_pkcs12(identity.pkcs12_file, identity.key_password_file);
    certificate_ = std::move(contents.certificate);
    key_ = std::move(contents.key);
    chain_ = std::move(contents.chain);
}

bool TlsMaterial::apply(SSL_CTX* context) const {
    if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1) return false;
    SSL_CTX_set1_cert_store(context, trusted_.get());
    if (!organisation_.empty()) {
        SSL_CTX_set_cert_verify_callback(context, &TlsMaterial::verify_peer, const_cast<TlsMaterial*>(this));
    }
    if (!certificate_) return true;
    if (SSL_CTX_use_certificate(context, certificate_.get()) != 1) return false;
    for (const Certificate& link : chain_) {
        if (SSL_CTX_add1_chain_cert(context, link.get()) != 1) return false;
    }
    return SSL_CTX_use_PrivateKey(context, key_.get()) == 1;
}

int TlsMaterial::verify_peer(X509_STORE_CTX* chain, void* self) {
    const int verified = X509_verify_cert(chain);
    if (verified != 1) return verified;
    const auto& organisation = static_cast<const TlsMaterial*>(self)->organisation_;
    if (names_organisation(X509_STORE_CTX_get0_cert(chain), organisation)) return 1;
    X509_STORE_CTX_set_error(chain, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
}

std::vector<CertificateExpiry> TlsMaterial::expiries() const {
    std::vector<CertificateExpiry> found;
    if (certificate_) found.push_back({"client", std::min(expiry_of(certificate_.get()), first_expiry(chain_))});
    // Those of the system are not ours to watch.
    if (!authorities_.empty()) found.push_back({"ca", first_expiry(authorities_)});
    return found;
}

}  // namespace signwatch::http
