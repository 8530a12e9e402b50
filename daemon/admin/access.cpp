#include "daemon/admin/access.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "core/config/file_contents.hpp"
#include "core/crypto/digest.hpp"
#include "core/domain/error.hpp"
#include "daemon/listener/tls_files.hpp"

namespace signwatch::admin {
namespace {

constexpr std::size_t longest_token = 1'000;
constexpr std::string_view scheme = "bearer ";

Secret read_token(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text(longest_token + 2, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    while (text.ends_with('\n') || text.ends_with('\r'))
        text.pop_back();
    if (!config::is_admin_token(text)) {
        throw Error(ErrorKind::permanent,
                    "admin_token",
                    "the file " + path + " must hold one token of 20 to 1000 visible characters, and nothing else");
    }
    return Secret(std::move(text));
}

bool is_bearer(std::string_view authorization) {
    if (authorization.size() < scheme.size()) return false;
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::equal(
        scheme.begin(), scheme.end(), authorization.begin(), [&](char a, char b) { return a == lower(b); });
}

}  // namespace

Access Access::read(const config::AdminSettings& settings) {
    Access access;
    if (!settings.token_file.empty()) access.token_ = read_token(settings.token_file);
    if (!settings.certificate_file.empty())
        access.tls_ = listener::read_tls({settings.certificate_file, settings.key_file, settings.client_ca_file});
    return access;
}

// Digests have one length, so the comparison tells nothing about that of the token.
bool Access::permits(std::string_view authorization) const {
    if (token_.empty()) return true;
    if (!is_bearer(authorization)) return false;
    const std::string shown = crypto::sha256_hex(authorization.substr(scheme.size()));
    return crypto::equal_constant_time(shown, crypto::sha256_hex(token_.reveal()));
}

}  // namespace signwatch::admin
