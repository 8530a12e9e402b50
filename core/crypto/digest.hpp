#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace signwatch::crypto {

using Sha256Bytes = std::array<unsigned char, 32>;

/// SHA-256 of bytes that arrive in pieces. Not thread-safe; cheap to move.
class Sha256 {
public:
    Sha256();
    void update(std::span<const std::byte> bytes);
    void update(std::string_view text) { update(std::as_bytes(std::span{text})); }

    /// Hash of everything so far; the object can take more afterwards.
    Sha256Bytes digest() const;
    std::string hex() const;

private:
    struct Free {
        void operator()(evp_md_ctx_st* context) const;
    };
    std::unique_ptr<evp_md_ctx_st, Free> context_;
};

Sha256Bytes sha256(std::string_view text);
std::string sha256_hex(std::string_view text);
Sha256Bytes hmac_sha256(std::string_view key, std::string_view text);

/// Compares in time that depends on the lengths alone.
bool equal_constant_time(std::string_view left, std::string_view right);

/// Bytes from the operating system's generator, fit for keys.
std::string random_bytes(std::size_t count);

}  // namespace signwatch::crypto
