#include "core/crypto/encoding.hpp"

#include <cstdint>

namespace signwatch::crypto {
namespace {

constexpr std::string_view base64_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int base64_value(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    if (c == '/') return 63;
    return -1;
}

// Regroups 8-bit values into `width`-bit characters of `alphabet`.
std::string regroup(std::span<const unsigned char> bytes, unsigned width, std::string_view alphabet) {
    std::string text;
    text.reserve(bytes.size() * 8 / width + 1);
    std::uint32_t pending = 0;
    unsigned bits = 0;
    const std::uint32_t mask = (1U << width) - 1U;
    for (const unsigned char byte : bytes) {
        pending = (pending << 8U) | byte;
        bits += 8;
        while (bits >= width) {
            bits -= width;
            text += alphabet[(pending >> bits) & mask];
        }
    }
    if (bits > 0) text += alphabet[(pending << (width - bits)) & mask];
    return text;
}

}  // namespace

std::string to_hex(std::span<const unsigned char> bytes) {
    return regroup(bytes, 4, "0123456789abcdef");
}

std::string to_base32(std::span<const unsigned char> bytes) {
    return regroup(bytes, 5, "abcdefghijklmnopqrstuvwxyz234567");
}

std::string to_base64(std::string_view bytes) {
    std::string text =
        regroup({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()}, 6, base64_alphabet);
    while (text.size() % 4 != 0)
        text += '=';
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    std::string bytes;
    bytes.reserve(text.size() * 3 / 4);
    std::uint32_t pending = 0;
    unsigned bits = 0;
    std::size_t characters = 0;
    std::size_t padding = 0;
    for (const char c : text) {
        if (c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
        ++characters;
        if (c == '=') {
            if (++padding > 2) return std::nullopt;
            continue;
        }
        const int value = base64_value(c);
        if (value < 0 || padding > 0) return std::nullopt;
        pending = (pending << 6U) | static_cast<std::uint32_t>(value);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes += static_cast<char>((pending >> bits) & 0xffU);
        }
    }
    const bool leftover_zero = (pending & ((1U << bits) - 1U)) == 0;
    if (characters % 4 != 0 || !leftover_zero || padding * 2 != bits) return std::nullopt;
    return bytes;
}

}  // namespace signwatch::crypto
