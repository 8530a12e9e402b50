#pragma once

#include <memory>
#include <string>
#include <vector>

#include <openssl/types.h>

#include "core/http/client_factory.hpp"
#include "core/http/key_files.hpp"

namespace signwatch::http {

/// Our certificate and key, and whom we trust, read from the files of an identity. Immutable; it must outlive every
/// SSL_CTX that it was applied to.
class TlsMaterial {
public:
    /// Error(permanent, "tls_material") naming the file that cannot be used.
    explicit TlsMaterial(const HttpIdentity& identity);

    /// Puts everything into a context: our certificate, the pinned authorities in place of any others, TLS 1.2 as the
    /// least, and the check of the peer. False if OpenSSL refuses (a key too weak for its security level).
    bool apply(SSL_CTX* context) const;

    std::vector<CertificateExpiry> expiries() const;

private:
    void load_authorities(const std::string& file);
    void trust_system();
    void load_pem(const HttpIdentity& identity);
    void load_pkcs12(const HttpIdentity& identity);
    static int verify_peer(X509_STORE_CTX* chain, void* self);

    Certificate certificate_;  ///< empty: we have none to show
    std::vector<Certificate> chain_;
    PrivateKey key_;
    std::vector<Certificate> authorities_;  ///< empty: those of the system
    TrustStore trusted_;
    std::string organisation_;
};

}  // namespace signwatch::http
