#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace signwatch::crypto {

/// Lower-case hexadecimal.
std::string to_hex(std::span<const unsigned char> bytes);

/// Lower-case RFC 4648 base32 without padding.
std::string to_base32(std::span<const unsigned char> bytes);

std::string to_base64(std::string_view bytes);

/// Strict RFC 4648 base64, white space between characters allowed; nullopt for anything else.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace signwatch::crypto
