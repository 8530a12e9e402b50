#pragma once

#include <memory>
#include <string>
#include <vector>

#include <openssl/types.h>

namespace signwatch::http {

struct FreeOpenSsl {
    void operator()(X509* certificate) const;
    void operator()(EVP_PKEY* key) const;
    void operator()(X509_STORE* store) const;
};

using Certificate = std::unique_ptr<X509, FreeOpenSsl>;
using PrivateKey = std::unique_ptr<EVP_PKEY, FreeOpenSsl>;
using TrustStore = std::unique_ptr<X509_STORE, FreeOpenSsl>;

struct Pkcs12Contents {
    Certificate certificate;
    PrivateKey key;
    std::vector<Certificate> chain;
};

/// Throws Error(permanent, "tls_material"): "<file> <what>".
[[noreturn]] void refuse_material(const std::string& file, const std::string& what);

/// All certificates of a PEM file, at least one. These three throw as refuse_material does.
std::vector<Certificate> read_certificates(const std::string& file);

/// A PEM key; `password_file` may be empty if the key is not encrypted. Never asks on the terminal.
PrivateKey read_key(const std::string& file, const std::string& password_file);

Pkcs12Contents read_pkcs12(const std::string& file, const std::string& password_file);

}  // namespace signwatch::http
