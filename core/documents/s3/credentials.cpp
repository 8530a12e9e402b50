#include "core/documents/s3/credentials.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "core/domain/error.hpp"

namespace signwatch::s3 {
namespace {

constexpr std::size_t longest = 16 * 1024;

[[noreturn]] void refuse(const std::string& file, const std::string& what) {
    throw Error(ErrorKind::permanent, "credential_file", file + " " + what);
}

std::string first_line(const std::string& file) {
    errno = 0;
    std::ifstream stream(file, std::ios::binary);
    std::string text(longest + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (stream.bad() || !stream.is_open()) {
        refuse(file, std::string("cannot be read: ") + (errno ? std::strerror(errno) : "unknown reason"));
    }
    text.resize(static_cast<std::size_t>(stream.gcount()));
    if (text.size() > longest) refuse(file, "is too long for a credential");
    text.resize(std::min(text.find_first_of("\r\n"), text.size()));
    const bool plain = std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
    if (text.empty() || !plain) refuse(file, "holds no credential in its first line");
    return text;
}

}  // namespace

Credentials read_credentials(const S3Settings& settings) {
    Credentials credentials;
    credentials.access_key_id = first_line(settings.access_key_id_file);
    credentials.secret_access_key = Secret(first_line(settings.secret_access_key_file));
    if (!settings.session_token_file.empty()) {
        credentials.session_token = Secret(first_line(settings.session_token_file));
    }
    return credentials;
}

}  // namespace signwatch::s3
