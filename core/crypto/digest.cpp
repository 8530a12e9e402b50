#include "core/crypto/digest.hpp"

#include <new>
#include <stdexcept>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "core/crypto/encoding.hpp"

namespace signwatch::crypto {

void Sha256::Free::operator()(evp_md_ctx_st* context) const {
    EVP_MD_CTX_free(context);
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
    if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) throw std::bad_alloc();
}

void Sha256::update(std::span<const std::byte> bytes) {
    if (EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1) throw std::runtime_error("SHA-256 failed");
}

Sha256Bytes Sha256::digest() const {
    const std::unique_ptr<evp_md_ctx_st, Free> copy(EVP_MD_CTX_new());
    Sha256Bytes result{};
    if (!copy || EVP_MD_CTX_copy_ex(copy.get(), context_.get()) != 1 ||
        EVP_DigestFinal_ex(copy.get(), result.data(), nullptr) != 1) {
        throw std::runtime_error("SHA-256 failed");
    }
    return result;
}

std::string Sha256::hex() const {
    return to_hex(digest());
}

Sha256Bytes sha256(std::string_view text) {
    Sha256 hash;
    hash.update(text);
    return hash.digest();
}

std::string sha256_hex(std::string_view text) {
    return to_hex(sha256(text));
}

Sha256Bytes hmac_sha256(std::string_view key, std::string_view text) {
    Sha256Bytes result{};
    unsigned int size = 0;
    if (HMAC(EVP_sha256(),
             key.data(),
             static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(text.data()),
             text.size(),
             result.data(),
             &size) == nullptr) {
        throw std::runtime_error("HMAC failed");
    }
    return result;
}

bool equal_constant_time(std::string_view left, std::string_view right) {
    return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
        throw std::runtime_error("the random generator of the operating system failed");
    }
    return bytes;
}

}  // namespace signwatch::crypto
