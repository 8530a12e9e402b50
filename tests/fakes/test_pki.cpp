#include "tests/fakes/test_pki.hpp"

#include <cstdint>
#include <stdexcept>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace signwatch::testing {

namespace {

template <auto Function>
struct Free {
    template <typename T>
    void operator()(T* object) const {
        Function(object);
    }
};

using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;
using Memory = std::unique_ptr<BIO, Free<BIO_free_all>>;
using Pkcs12 = std::unique_ptr<PKCS12, Free<PKCS12_free>>;

void require(bool ok, const char* what) {
    if (!ok) throw std::runtime_error(std::string("test key material: ") + what);
}

Key make_key(bool rsa) {
    Key key(rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"));
    require(key != nullptr, "cannot generate a key");
    return key;
}

Memory new_memory() {
    Memory memory(BIO_new(BIO_s_mem()));
    require(memory != nullptr, "out of memory");
    return memory;
}

Memory reading(const std::string& text) {
    Memory memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    require(memory != nullptr, "out of memory");
    return memory;
}

std::string text_of(const Memory& memory) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &data);
    return std::string(data, static_cast<std::size_t>(size));
}

std::string pem_of(X509* certificate) {
    const Memory memory = new_memory();
    require(PEM_write_bio_X509(memory.get(), certificate) == 1, "cannot write a certificate");
    return text_of(memory);
}

std::string pem_of(EVP_PKEY* key, const std::string* password) {
    const Memory memory = new_memory();
    const EVP_CIPHER* cipher = password ? EVP_aes_256_cbc() : nullptr;
    const char* text = password ? password->data() : nullptr;
    const int size = password ? static_cast<int>(password->size()) : 0;
    require(PEM_write_bio_PKCS8PrivateKey(memory.get(), key, cipher, text, size, nullptr, nullptr) == 1,
            "cannot write a key");
    return text_of(memory);
}

Key read_key(const std::string& pem) {
    Key key(PEM_read_bio_PrivateKey(reading(pem).get(), nullptr, nullptr, nullptr));
    require(key != nullptr, "cannot read a key");
    return key;
}

Certificate read_certificate(const std::string& pem) {
    Certificate certificate(PEM_read_bio_X509(reading(pem).get(), nullptr, nullptr, nullptr));
    require(certificate != nullptr, "cannot read a certificate");
    return certificate;
}

void add_name(X509_NAME* name, int attribute, const std::string& value) {
    if (value.empty()) return;
    const auto* bytes = reinterpret_cast<const unsigned char*>(value.data());
    require(
        X509_NAME_add_entry_by_NID(name, attribute, MBSTRING_UTF8, bytes, static_cast<int>(value.size()), -1, 0) == 1,
        "bad subject");
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
    require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "bad extension");
}

Certificate new_certificate(EVP_PKEY* key, std::chrono::hours from, std::chrono::hours to) {
    Certificate certificate(X509_new());
    require(certificate != nullptr, "out of memory");
    std::uint64_t serial = 0;
    require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1, "no random numbers");
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1 | 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), std::chrono::seconds(from).count());
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), std::chrono::seconds(to).count());
    require(X509_set_pubkey(certificate.get(), key) == 1, "bad key");
    return certificate;
}

void sign(X509* certificate, EVP_PKEY* key) {
    require(X509_sign(certificate, key, EVP_sha256()) > 0, "cannot sign");
}

std::string alternative_names(const Subject& subject) {
    std::string names;
    for (const std::string& name : subject.dns_names)
        names += ",DNS:" + name;
    for (const std::string& address : subject.ip_addresses)
        names += ",IP:" + address;
    return names.empty() ? names : names.substr(1);
}

}  // namespace

struct TestAuthority::Parts {
    Key key;
    Certificate certificate;
    std::string pem;
};

TestAuthority::TestAuthority(const std::string& common_name) : parts_(std::make_unique<Parts>()) {
    parts_->key = make_key(false);
    parts_->certificate = new_certificate(parts_->key.get(), std::chrono::hours(-24), std::chrono::hours(24 * 365));
    X509* certificate = parts_->certificate.get();
    add_name(X509_get_subject_name(certificate), NID_commonName, common_name);
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(certificate, certificate, NID_subject_key_identifier, "hash");
    sign(certificate, parts_->key.get());
    parts_->pem = pem_of(certificate);
}

TestAuthority::~TestAuthority() = default;

const std::string& TestAuthority::certificate_pem() const {
    return parts_->pem;
}

KeyPair TestAuthority::issue(const Subject& subject) const {
    const Key key = make_key(subject.rsa);
    const Certificate certificate = new_certificate(key.get(), subject.valid_from, subject.valid_to);
    X509* issuer = parts_->certificate.get();
    X509_NAME* name = X509_get_subject_name(certificate.get());
    add_name(name, NID_commonName, subject.common_name);
    add_name(name, NID_organizationIdentifier, subject.organisation_identifier);
    add_name(name, NID_serialNumber, subject.serial_number);
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer));
    add_extension(certificate.get(), issuer, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(certificate.get(), issuer, NID_key_usage, "critical,digitalSignature,nonRepudiation");
    add_extension(certificate.get(), issuer, NID_subject_key_identifier, "hash");
    add_extension(certificate.get(), issuer, NID_authority_key_identifier, "keyid");
    if (const std::string names = alternative_names(subject); !names.empty()) {
        add_extension(certificate.get(), issuer, NID_subject_alt_name, names);
    }
    sign(certificate.get(), parts_->key.get());
    return {pem_of(certificate.get()), pem_of(key.get(), nullptr)};
}

std::string to_pkcs12(const KeyPair& pair, const std::string& password) {
    const Key key = read_key(pair.key_pem);
    const Certificate certificate = read_certificate(pair.certificate_pem);
    const Pkcs12 file(
        PKCS12_create(password.c_str(), "signwatch test", key.get(), certificate.get(), nullptr, 0, 0, 2048, 2048, 0));
    require(file != nullptr, "cannot make a PKCS#12 file");
    const Memory memory = new_memory();
    require(i2d_PKCS12_bio(memory.get(), file.get()) == 1, "cannot write a PKCS#12 file");
    return text_of(memory);
}

std::string encrypt_key(const std::string& key_pem, const std::string& password) {
    return pem_of(read_key(key_pem).get(), &password);
}

}  // namespace signwatch::testing
