#include "core/http/key_files.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "core/domain/error.hpp"
#include "core/domain/sensitive.hpp"

namespace signwatch::http {

namespace {

struct FreeReader {
    void operator()(BIO* reader) const { BIO_free_all(reader); }
    void operator()(PKCS12* file) const { PKCS12_free(file); }
    void operator()(STACK_OF(X509) * stack) const { sk_X509_pop_free(stack, X509_free); }
};
using Reader = std::unique_ptr<BIO, FreeReader>;

Secret read_file(const std::string& file) {
    errno = 0;
    try {
        std::ifstream stream(file, std::ios::binary);
        if (stream) return Secret(std::string(std::istreambuf_iterator<char>(stream), {}));
    } catch (const std::ios_base::failure&) {
        // A directory can be opened but not read.
    }
    refuse_material(file, std::string("cannot be read: ") + (errno ? std::strerror(errno) : "unknown reason"));
}

Secret read_password(const std::string& file) {
    if (file.empty()) return {};
    const Secret text = read_file(file);
    return Secret(std::string(text.reveal().substr(0, text.reveal().find_first_of("\r\n"))));
}

Reader reader_of(const Secret& text) {
    Reader reader(BIO_new_mem_buf(text.reveal().data(), static_cast<int>(text.reveal().size())));
    if (!reader) throw std::bad_alloc();
    return reader;
}

struct PasswordPrompt {
    const Secret& password;
    bool asked = false;
};

int answer_prompt(char* buffer, int size, int, void* context) {
    auto& prompt = *static_cast<PasswordPrompt*>(context);
    prompt.asked = true;
    const std::string_view password = prompt.password.reveal();
    if (password.empty() || password.size() > static_cast<std::size_t>(size)) return -1;
    std::memcpy(buffer, password.data(), password.size());
    return static_cast<int>(password.size());
}

bool needs_legacy_cipher() {
    while (const unsigned long code = ERR_get_error()) {
        if (ERR_GET_REASON(code) == ERR_R_UNSUPPORTED || ERR_GET_REASON(code) == EVP_R_UNSUPPORTED_ALGORITHM)
            return true;
    }
    return false;
}

}  // namespace

void FreeOpenSsl::operator()(X509* certificate) const {
    X509_free(certificate);
}
void FreeOpenSsl::operator()(EVP_PKEY* key) const {
    EVP_PKEY_free(key);
}
void FreeOpenSsl::operator()(X509_STORE* store) const {
    X509_STORE_free(store);
}

void refuse_material(const std::string& file, const std::string& what) {
    throw Error(ErrorKind::permanent, "tls_material", file + ": " + what);
}

std::vector<Certificate> read_certificates(const std::string& file) {
    const Secret text = read_file(file);
    const Reader reader = reader_of(text);
    std::vector<Certificate> certificates;
    ERR_clear_error();
    while (Certificate next{PEM_read_bio_X509(reader.get(), nullptr, nullptr, nullptr)}) {
        certificates.push_back(std::move(next));
    }
    const unsigned long reason = ERR_peek_last_error();
    ERR_clear_error();
    const bool ended = ERR_GET_LIB(reason) == ERR_LIB_PEM && ERR_GET_REASON(reason) == PEM_R_NO_START_LINE;
    if (!ended) refuse_material(file, "holds a damaged certificate");
    if (certificates.empty()) refuse_material(file, "holds no certificate in PEM form");
    return certificates;
}

PrivateKey read_key(const std::string& file, const std::string& password_file) {
    const Secret text = read_file(file);
    const Secret password = read_password(password_file);
    PasswordPrompt prompt{password};
    PrivateKey key(PEM_read_bio_PrivateKey(reader_of(text).get(), nullptr, &answer_prompt, &prompt));
    ERR_clear_error();
    if (key) return key;
    if (!prompt.asked) refuse_material(file, "holds no usable private key in PEM form");
    if (password.empty()) refuse_material(file, "is encrypted and no password is configured");
    refuse_material(file, "cannot be decrypted with the password in " + password_file);
}

Pkcs12Contents read_pkcs12(const std::string& file, const std::string& password_file) {
    const Secret text = read_file(file);
    const Secret password = read_password(password_file);
    ERR_clear_error();
    const std::unique_ptr<PKCS12, FreeReader> container(d2i_PKCS12_bio(reader_of(text).get(), nullptr));
    if (!container) {
        ERR_clear_error();
        refuse_material(file, "is not a PKCS#12 file");
    }
    X509* certificate = nullptr;
    EVP_PKEY* key = nullptr;
    STACK_OF(X509)* others = nullptr;
    const int parsed = PKCS12_parse(container.get(), password.reveal().data(), &key, &certificate, &others);
    Pkcs12Contents contents{Certificate(certificate), PrivateKey(key), {}};
    const std::unique_ptr<STACK_OF(X509), FreeReader> stack(others);
    if (parsed != 1) {
        const bool wrong_password = ERR_GET_REASON(ERR_peek_last_error()) == PKCS12_R_MAC_VERIFY_FAILURE;
        const bool legacy = needs_legacy_cipher();
        if (legacy) refuse_material(file, "uses an outdated cipher; write it anew with openssl pkcs12 -legacy");
        if (wrong_password) refuse_material(file, "cannot be opened with the password configured");
        refuse_material(file, "is a damaged PKCS#12 file");
    }
    if (!contents.certificate || !contents.key) refuse_material(file, "holds no certificate with its private key");
    while (X509* link = sk_X509_shift(stack.get()))
        contents.chain.emplace_back(link);
    return contents;
}

}  // namespace signwatch::http
