#include "core/json/folding.hpp"

#include <cstdint>

namespace signwatch::json {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Letters U+00C0 to U+017F without their accents; '.' where there is no single plain letter.
constexpr std::string_view plain_letters =
    "aaaaaa.ceeeeiiii.nooooo.ouuuuy..aaaaaa.ceeeeiiii.nooooo.ouuuuy.y"   // U+00C0
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii..jjkk.llllll"    // U+0100
    "llllnnnnnn...oooooo..rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzz."  // U+013F
    ;

struct Decoded {
    std::uint32_t code = 0;
    std::size_t size = 0;  ///< 0: no UTF-8 here
};

Decoded decode(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (byte(0) < 0x80) return {byte(0), 1};
    const std::size_t size = byte(0) >= 0xF0 ? 4 : byte(0) >= 0xE0 ? 3 : 2;
    if (byte(0) < 0xC2 || byte(0) > 0xF4 || text.size() < size) return {};
    std::uint32_t code = byte(0) & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return {};
        code = (code << 6) | (byte(i) & 0x3FU);
    }
    return {code, size};
}

bool is_combining(std::uint32_t code) {
    return code >= 0x0300 && code <= 0x036F;
}

bool is_separator(std::uint32_t code) {
    return code == ' ' || code == '\t' || code == '\r' || code == '\n' || code == '_' || code == '-' || code == 0xA0 ||
           (code >= 0x2010 && code <= 0x2013);
}

void append_folded(std::string& folded, std::string_view character, std::uint32_t code) {
    if (is_separator(code)) {
        if (!folded.empty() && folded.back() != ' ') folded += ' ';
        return;
    }
    if (code < 0x80) {
        folded += lower(character.front());
        return;
    }
    const std::size_t place = code - 0xC0;
    const bool letter = code >= 0xC0 && place < plain_letters.size() && plain_letters[place] != '.';
    if (letter)
        folded += plain_letters[place];
    else if (!is_combining(code))
        folded += character;
}

// "dd/MM/yyyy hh:mm:ss" as ISO 8601; empty if it is not of that form.
std::string iso_of(std::string_view text) {
    if (text.size() < 16 || text[2] != '/' || text[5] != '/') return {};
    const auto part = [&](std::size_t at, std::size_t count) { return std::string(text.substr(at, count)); };
    return part(6, 4) + "-" + part(3, 2) + "-" + part(0, 2) + part(10, std::string_view::npos);
}

}  // namespace

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back()))
        text.remove_suffix(1);
    return text;
}

std::string fold_key(std::string_view text) {
    std::string folded;
    for (const char c : trimmed(text))
        folded += lower(c);
    return folded;
}

std::string fold_text(std::string_view text) {
    std::string folded;
    while (!text.empty()) {
        const Decoded next = decode(text);
        if (next.size > 0) append_folded(folded, text.substr(0, next.size), next.code);
        text.remove_prefix(next.size > 0 ? next.size : 1);
    }
    if (folded.ends_with(' ')) folded.pop_back();
    return folded;
}

std::optional<WallTime> parse_utc(std::string_view text) {
    text = trimmed(text);
    std::string iso = iso_of(text);
    if (iso.empty()) iso = text;
    if (iso.size() < 16 || iso.starts_with("0001-")) return std::nullopt;
    if (iso[10] == ' ') iso[10] = 'T';
    const bool zoned = iso.find_first_of("zZ+-", 16) != std::string::npos;
    return parse_iso8601(zoned ? iso : iso + "Z");
}

}  // namespace signwatch::json
