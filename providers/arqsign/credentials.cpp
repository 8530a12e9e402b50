#include "providers/arqsign/credentials.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <string.h>

#include "core/domain/error.hpp"
#include "core/json/folding.hpp"

namespace signwatch::arqsign {
namespace {

constexpr std::size_t most_keys = 8;

[[noreturn]] void refuse(const std::string& file, const char* what) {
    throw Error(ErrorKind::permanent, "credential_file", file + " " + what);
}

Secret read_text(const std::string& file) {
    std::array<char, 4'097> buffer{};
    std::ifstream stream(file, std::ios::binary);
    stream.read(buffer.data(), buffer.size());
    if (stream.bad() || (!stream.eof() && stream.fail())) refuse(file, "cannot be read");
    if (static_cast<std::size_t>(stream.gcount()) == buffer.size()) refuse(file, "is too large for a key");
    Secret text(std::string(buffer.data(), static_cast<std::size_t>(stream.gcount())));
    explicit_bzero(buffer.data(), buffer.size());
    return text;
}

Secret key_in(std::string_view text, const std::string& file) {
    const std::string_view key = json::trimmed(text);
    if (key.empty()) refuse(file, "holds no key");
    const bool printable = std::ranges::all_of(key, [](char c) { return c > 0x20 && c < 0x7F; });
    if (!printable) refuse(file, "holds more than a key: a blank or a character that has no place in one");
    return Secret(std::string(key));
}

Secret read_key(const std::string& file) {
    return key_in(read_text(file).reveal(), file);
}

}  // namespace

std::vector<Secret> read_keys(const std::string& file) {
    const Secret text = read_text(file);
    std::vector<Secret> keys;
    for (std::string_view rest = json::trimmed(text.reveal()); keys.empty() || !rest.empty();) {
        const auto end = std::min(rest.find('\n'), rest.size());
        if (keys.size() == most_keys) refuse(file, "holds more than 8 keys");
        keys.push_back(key_in(rest.substr(0, end), file));
        rest = json::trimmed(rest.substr(end));
    }
    return keys;
}

Credentials::Credentials(const std::string& app_key_file, const std::string& subscription_key_file)
    : app_key_(read_key(app_key_file)), subscription_key_(read_key(subscription_key_file)) {}

std::vector<HttpHeader> Credentials::headers() const {
    return {{"AppKey", std::string(app_key_.reveal())}, {"SubscriptionKey", std::string(subscription_key_.reveal())}};
}

}  // namespace signwatch::arqsign
