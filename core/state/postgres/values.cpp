#include "core/state/postgres/database.hpp"

namespace signwatch::postgres {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";

// How long the UTF-8 character at the beginning of `text` is; 0: there is none.
std::size_t character_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first == 0) return 0;
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xc0U) != 0x80) return 0;
    const bool overlong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
    const bool beyond = (first == 0xed && byte(1) > 0x9f) || (first == 0xf4 && byte(1) > 0x8f);
    return overlong || beyond ? 0 : length;
}

void append_element(std::string& array, const std::optional<std::string>& element) {
    if (!element) {
        array += "NULL";
        return;
    }
    array += '"';
    for (const char c : *element) {
        if (c == '"' || c == '\\') array += '\\';
        array += c;
    }
    array += '"';
}

}  // namespace

std::string storable(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = character_length(text);
        result += length > 0 ? text.substr(0, length) : replacement;
        text.remove_prefix(length > 0 ? length : 1);
    }
    return result;
}

void Values::add(std::string_view value) {
    texts_.emplace_back(storable(value));
}

void Values::add(Blob value) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text = "\\x";
    text.reserve(2 + 2 * value.bytes.size());
    for (const char c : value.bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
    }
    texts_.emplace_back(std::move(text));
}

void Values::add(const std::vector<std::string>& values) {
    std::vector<std::optional<std::string>> elements;
    for (const std::string& each : values)
        elements.emplace_back(storable(each));
    add(elements);
}

void Values::add(const std::vector<std::optional<std::string>>& elements) {
    std::string text = "{";
    for (const auto& each : elements) {
        if (text.size() > 1) text += ',';
        append_element(text, each);
    }
    texts_.emplace_back(std::move(text) + "}");
}

void Values::add(const std::vector<std::int64_t>& values) {
    std::string text = "{";
    for (const std::int64_t each : values)
        text += (text.size() > 1 ? "," : "") + std::to_string(each);
    texts_.emplace_back(text + "}");
}

std::vector<const char*> Values::pointers() const {
    std::vector<const char*> pointers;
    pointers.reserve(texts_.size());
    for (const auto& each : texts_)
        pointers.push_back(each ? each->c_str() : nullptr);
    return pointers;
}

}  // namespace signwatch::postgres
