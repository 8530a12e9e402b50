#include "core/crypto/pem.hpp"

#include <memory>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace signwatch::crypto {
namespace {

template <auto free>
struct Free {
    template <typename Type>
    void operator()(Type* object) const {
        free(object);
    }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;

// Else OpenSSL would ask for the password of an encrypted key at the terminal.
int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*own*/) {
    return 0;
}

Bio open(const std::string& file) {
    Bio bio(BIO_new_file(file.c_str(), "r"));
    ERR_clear_error();
    return bio;
}

Certificate first_certificate(BIO* bio) {
    Certificate certificate(PEM_read_bio_X509_AUX(bio, nullptr, no_password, nullptr));
    ERR_clear_error();
    return certificate;
}

}  // namespace

std::string certificate_mistake(const std::string& file) {
    const Bio bio = open(file);
    if (!bio) return "";
    const Certificate certificate = first_certificate(bio.get());
    if (!certificate) return "holds no certificate in PEM form";
    if (X509_cmp_current_time(X509_get0_notAfter(certificate.get())) < 0) return "holds a certificate that has expired";
    return "";
}

std::string key_mistake(const std::string& file, const std::string& certificate_file) {
    const Bio bio = open(file);
    if (!bio) return "";
    const Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
    ERR_clear_error();
    if (!key) return "holds no private key in PEM form without a password";
    const Bio other = certificate_file.empty() ? Bio() : open(certificate_file);
    const Certificate certificate = other ? first_certificate(other.get()) : Certificate();
    if (!certificate) return "";
    const bool fits = X509_check_private_key(certificate.get(), key.get()) == 1;
    ERR_clear_error();
    return fits ? "" : "holds the key of another certificate than " + certificate_file;
}

std::string authorities_mistake(const std::string& file) {
    const Bio bio = open(file);
    if (!bio || first_certificate(bio.get())) return "";
    return "holds no certificate in PEM form";
}

}  // namespace signwatch::crypto
