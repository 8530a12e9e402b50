#include "core/telemetry/redaction.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace signwatch::telemetry {
namespace {

constexpr std::size_t shortest_digest = 32;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_alnum(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool in_address(char c) {
    return is_alnum(c) || c == '.' || c == '_' || c == '%' || c == '+' || c == '-';
}

bool ends_url(char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '\'' || c == '<' || c == '>' || c == ')';
}

template <typename Predicate>
std::size_t run_of(std::string_view text, std::size_t at, Predicate predicate) {
    const auto* const begin = text.begin() + static_cast<std::ptrdiff_t>(at);
    return static_cast<std::size_t>(std::find_if_not(begin, text.end(), predicate) - begin);
}

bool starts_with_scheme(std::string_view text, std::string_view scheme) {
    const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
    return text.size() > scheme.size() &&
           std::equal(scheme.begin(), scheme.end(), text.begin(), [&](char b, char a) { return same(a, b); });
}

struct Mask {
    std::size_t length = 0;  ///< of the text it replaces
    std::string text;
};

std::optional<Mask> mask_url(std::string_view text) {
    for (const std::string_view scheme : {std::string_view("https://"), std::string_view("http://")}) {
        if (!starts_with_scheme(text, scheme)) continue;
        const std::size_t length = run_of(text, 0, [](char c) { return !ends_url(c); });
        const std::string_view rest = text.substr(scheme.size(), length - scheme.size());
        const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
        const std::size_t user = rest.substr(0, end).rfind('@');
        const std::string_view host =
            user == std::string_view::npos ? rest.substr(0, end) : rest.substr(user + 1, end - user - 1);
        if (end == rest.size() && user == std::string_view::npos) return std::nullopt;
        return Mask{length, std::string(scheme) + std::string(host) + "/[masked]"};
    }
    return std::nullopt;
}

std::optional<Mask> mask_number(std::string_view text) {
    constexpr std::size_t whole = 11;
    constexpr std::size_t birthday = 6;
    const std::size_t digits = run_of(text, 0, is_digit);
    if (digits == whole) return Mask{whole, "[number]"};
    const bool parted =
        digits == birthday && text.size() > birthday && (text[birthday] == ' ' || text[birthday] == '-');
    if (parted && run_of(text, birthday + 1, is_digit) == whole - birthday) return Mask{whole + 1, "[number]"};
    return std::nullopt;
}

/// `text` begins with the local part.
std::optional<Mask> mask_address(std::string_view text) {
    const std::size_t local = run_of(text, 0, in_address);
    if (local == 0 || local >= text.size() || text[local] != '@') return std::nullopt;
    const std::size_t domain = run_of(text, local + 1, in_address);
    const std::string_view host = text.substr(local + 1, domain);
    if (host.find('.') == std::string_view::npos) return std::nullopt;
    return Mask{local + 1 + domain, "[e-mail]"};
}

/// How much of `text` is a long hexadecimal word, such as a SHA-256: digits in it are no personal number.
std::size_t digest_length(std::string_view text) {
    const std::size_t length = run_of(text, 0, is_alnum);
    const bool hex = std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(length), is_hex);
    return hex && length >= shortest_digest ? length : 0;
}

}  // namespace

std::string redact(std::string_view text, std::uint64_t& count) {
    std::string result;
    result.reserve(text.size());
    std::size_t at = 0;
    while (at < text.size()) {
        const std::string_view rest = text.substr(at);
        const bool new_word = at == 0 || !is_alnum(text[at - 1]);
        const bool new_number = at == 0 || !is_digit(text[at - 1]);
        const bool new_address = at == 0 || !in_address(text[at - 1]);
        if (const std::size_t digest = new_word ? digest_length(rest) : 0; digest > 0) {
            result.append(rest.substr(0, digest));
            at += digest;
            continue;
        }
        std::optional<Mask> mask = new_word ? mask_url(rest) : std::nullopt;
        if (!mask && new_address) mask = mask_address(rest);
        if (!mask && new_number) mask = mask_number(rest);
        if (mask) {
            ++count;
            result.append(mask->text);
            at += mask->length;
        } else {
            result.push_back(text[at++]);
        }
    }
    return result;
}

}  // namespace signwatch::telemetry
