#include "providers/arqsign/words.hpp"

#include <algorithm>

#include "core/json/folding.hpp"

namespace signwatch::arqsign {
namespace {

struct Known {
    std::string_view word;
    Status status;
};

constexpr Known known_words[] = {
    {"criado", Status::created},         {"created", Status::created},       {"creado", Status::created},
    {"aguardando", Status::waiting},     {"pending", Status::waiting},       {"waiting", Status::waiting},
    {"pendente", Status::waiting},       {"pendiente", Status::waiting},     {"esperando", Status::waiting},
    {"em processo", Status::in_process}, {"in process", Status::in_process}, {"in progress", Status::in_process},
    {"en proceso", Status::in_process},  {"concluido", Status::concluded},   {"completed", Status::concluded},
    {"concluded", Status::concluded},    {"completado", Status::concluded},  {"cancelado", Status::cancelled},
    {"canceled", Status::cancelled},     {"cancelled", Status::cancelled},
};

// The characters of the bytes 0x80 to 0xFF.
constexpr std::u16string_view mac_roman =
    u"ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø"
    u"¿¡¬√ƒ≈∆«»…\u00A0ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\uF8FFÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ";
static_assert(mac_roman.size() == 128);

// The characters of the bytes 0x80 to 0x9F; a blank where there is none.
constexpr std::u16string_view windows = u"€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ";
static_assert(windows.size() == 32);

// One character off the front of UTF-8 text; nullopt if there is none of at most 16 bits.
std::optional<char16_t> take_character(std::string_view& text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const std::size_t size = byte(0) < 0x80 ? 1 : byte(0) >= 0xE0 ? 3 : 2;
    if (text.size() < size || byte(0) >= 0xF0 || (byte(0) >= 0x80 && byte(0) < 0xC2)) return std::nullopt;
    unsigned code = size == 1 ? byte(0) : byte(0) & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return std::nullopt;
        code = code << 6 | (byte(i) & 0x3FU);
    }
    text.remove_prefix(size);
    return static_cast<char16_t>(code);
}

std::optional<char> windows_byte(char16_t character) {
    if (character <= 0xFF) return static_cast<char>(character);
    const auto place = windows.find(character);
    return place == windows.npos ? std::nullopt : std::optional(static_cast<char>(0x80 + place));
}

std::optional<char> mac_byte(char16_t character) {
    if (character < 0x80) return static_cast<char>(character);
    const auto place = mac_roman.find(character);
    return place == mac_roman.npos ? std::nullopt : std::optional(static_cast<char>(0x80 + place));
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        if (!take_character(text)) return false;
    }
    return true;
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// The bytes that were taken for characters of the wrong set; empty if they cannot have been UTF-8.
template <typename ByteOf>
std::string bytes_behind(std::string_view text, ByteOf byte_of) {
    std::string bytes;
    while (!text.empty()) {
        const auto character = take_character(text);
        const auto byte = character ? byte_of(*character) : std::nullopt;
        if (!byte) return {};
        bytes += *byte;
    }
    return is_utf8(bytes) ? bytes : std::string();
}

std::string repaired_once(const std::string& text) {
    if (is_ascii(text)) return text;
    if (std::string bytes = bytes_behind(text, windows_byte); !bytes.empty()) return bytes;
    if (std::string bytes = bytes_behind(text, mac_byte); !bytes.empty()) return bytes;
    return text;
}

// Each character that was lost to U+FFFD or '?' fits any other.
bool fits(std::string_view text, std::string_view word) {
    constexpr std::string_view lost = "\xEF\xBF\xBD";
    for (const char c : word) {
        if (text.empty()) return false;
        const bool gone = text.starts_with(lost);
        if (!gone && text.front() != '?' && text.front() != c) return false;
        text.remove_prefix(gone ? lost.size() : 1);
    }
    return text.empty();
}

}  // namespace

Status status_of(std::optional<std::int64_t> number, std::string_view text) {
    if (number) return *number >= 1 && *number <= 5 ? static_cast<Status>(*number) : Status::unknown;
    const std::string word = folded(text);
    const bool readable = std::ranges::count(word, '?') <= 2;
    const auto* const found = std::ranges::find_if(known_words, [&](const Known& one) { return fits(word, one.word); });
    return readable && found != std::end(known_words) ? found->status : Status::unknown;
}

std::string repaired(std::string_view text) {
    return repaired_once(repaired_once(std::string(text)));
}

std::string folded(std::string_view text) {
    return json::fold_text(repaired(text.substr(0, 4'096)));
}

std::string clean_word(std::string_view text) {
    std::string clean;
    for (const char c : folded(text).substr(0, 64)) {
        const bool allowed = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.';
        clean += allowed ? c : '_';
    }
    return clean.empty() ? "unspecified" : clean;
}

}  // namespace signwatch::arqsign
