#include "daemon/admin/target.hpp"

#include <algorithm>

namespace signwatch::admin {
namespace {

constexpr std::size_t most_segments = 8;
constexpr std::size_t most_parameters = 8;

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// `plus`: what a plus stands for.
std::optional<std::string> decode(std::string_view text, char plus) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i] == '+' ? plus : text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? digit_of(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? digit_of(text[i + 2]) : -1;
        if (high < 0 || low < 0) return std::nullopt;
        decoded += static_cast<char>(high * 16 + low);
        i += 2;
    }
    if (decoded.empty() || !is_plain_text(decoded)) return std::nullopt;
    return decoded;
}

std::string_view cut(std::string_view& rest, char separator) {
    const std::size_t end = std::min(rest.find(separator), rest.size());
    const std::string_view part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return part;
}

bool read_path(std::string_view text, Target& target) {
    if (text == "/") return true;
    if (!text.starts_with('/') || text.ends_with('/')) return false;
    text.remove_prefix(1);
    while (!text.empty()) {
        auto segment = decode(cut(text, '/'), '+');
        if (!segment || target.path.size() == most_segments) return false;
        target.path.push_back(std::move(*segment));
    }
    return true;
}

bool read_query(std::string_view text, Target& target) {
    if (text.ends_with('&')) return false;
    while (!text.empty()) {
        std::string_view value = cut(text, '&');
        auto name = decode(cut(value, '='), ' ');
        auto decoded = decode(value, ' ');
        if (!name || !decoded || target.query.size() == most_parameters) return false;
        if (!target.query.emplace(std::move(*name), std::move(*decoded)).second) return false;
    }
    return true;
}

/// How many bytes the character at the front has; 0: it is no UTF-8 (RFC 3629), or a control character.
std::size_t character_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) return first < 0x20 || first == 0x7F ? 0 : 1;
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return 0;
    }
    const unsigned char second = byte(1);
    const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
    const bool outside = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
    return overlong || outside ? 0 : length;
}

}  // namespace

bool is_plain_text(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = character_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

std::optional<Target> read_target(std::string_view text) {
    Target target;
    std::string_view rest = text;
    const std::string_view path = cut(rest, '?');
    const bool asks = path.size() < text.size();
    if (!read_path(path, target) || (asks && rest.empty()) || !read_query(rest, target)) return std::nullopt;
    return target;
}

}  // namespace signwatch::admin
