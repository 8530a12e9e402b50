#include "providers/adobe_sign/secrets.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <string.h>

#include "core/domain/error.hpp"
#include "core/json/folding.hpp"

namespace signwatch::adobe_sign {
namespace {

[[noreturn]] void refuse(const std::string& file, const char* what) {
    throw Error(ErrorKind::permanent, "credential_file", file + " " + what);
}

}  // namespace

Secret read_secret_file(const std::string& file) {
    std::array<char, 8'193> buffer{};
    std::ifstream stream(file, std::ios::binary);
    stream.read(buffer.data(), buffer.size());
    if (stream.bad() || (!stream.eof() && stream.fail())) refuse(file, "cannot be read");
    if (static_cast<std::size_t>(stream.gcount()) == buffer.size()) refuse(file, "is too large for a key");
    const Secret text(std::string(buffer.data(), static_cast<std::size_t>(stream.gcount())));
    explicit_bzero(buffer.data(), buffer.size());
    const std::string_view key = json::trimmed(text.reveal());
    if (key.empty()) refuse(file, "holds no key");
    const bool printable = std::ranges::all_of(key, [](char c) { return c > 0x20 && c < 0x7F; });
    if (!printable) refuse(file, "holds more than a key: a blank or a character that has no place in one");
    return Secret(std::string(key));
}

}  // namespace signwatch::adobe_sign
