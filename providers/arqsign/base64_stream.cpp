#include "providers/arqsign/base64_stream.hpp"

#include <span>

#include "core/domain/error.hpp"

namespace signwatch::arqsign {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view data_prefix = "data:";
constexpr std::size_t longest_prefix = 200;

enum : signed char { foreign = -1, blank = -2, pad = -3 };

constexpr std::array<signed char, 256> make_values() {
    std::array<signed char, 256> values{};
    values.fill(foreign);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<signed char>(i);
    for (const char c : {' ', '\t', '\r', '\n'})
        values[static_cast<unsigned char>(c)] = blank;
    values[static_cast<unsigned char>('=')] = pad;
    return values;
}

constexpr std::array<signed char, 256> values = make_values();

signed char value_of(char c) {
    return values[static_cast<unsigned char>(c)];
}

[[noreturn]] void refuse() {
    throw Error(ErrorKind::integrity, "arqsign_base64", "a document that is not base64");
}

}  // namespace

void Base64Stream::feed(std::string_view text) {
    if (sink_ == nullptr) return;
    while (!text.empty() && stage_ != Stage::content) {
        begin(text.front());
        text.remove_prefix(1);
    }
    decode(text);
}

void Base64Stream::begin(char c) {
    if (stage_ == Stage::prefix) {
        if (++prefix_size_ > longest_prefix) refuse();
        if (c == ',') stage_ = Stage::content;
        return;
    }
    if (value_of(c) == blank) return;
    head_ += c;
    if (head_ == data_prefix) {
        stage_ = Stage::prefix;
    } else if (!data_prefix.starts_with(head_)) {
        stage_ = Stage::content;
        decode(head_);
    }
}

void Base64Stream::decode(std::string_view text) {
    for (const char c : text) {
        const signed char value = value_of(c);
        if (value == blank) continue;
        characters_ = (characters_ + 1) % 4;
        if (value == pad) {
            if (++padding_ > 2) refuse();
            continue;
        }
        if (value < 0 || padding_ > 0) refuse();
        pending_ = (pending_ << 6U) | static_cast<std::uint32_t>(value);
        bits_ += 6;
        if (bits_ < 8) continue;
        bits_ -= 8;
        put(static_cast<char>((pending_ >> bits_) & 0xFFU));
    }
}

void Base64Stream::finish() {
    if (sink_ == nullptr) return;
    if (stage_ == Stage::begin) decode(head_);
    const bool leftover_zero = (pending_ & ((1U << bits_) - 1U)) == 0;
    if (stage_ == Stage::prefix || characters_ != 0 || !leftover_zero || padding_ * 2 != bits_) refuse();
    flush();
}

void Base64Stream::put(char byte) {
    buffer_[filled_++] = byte;
    if (filled_ == buffer_.size()) flush();
}

void Base64Stream::flush() {
    if (filled_ > 0) sink_->write(std::as_bytes(std::span{buffer_.data(), filled_}));
    filled_ = 0;
}

}  // namespace signwatch::arqsign
