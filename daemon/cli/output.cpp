#include "daemon/cli/output.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include <nlohmann/json.hpp>

namespace signwatch::cli {
namespace {

struct Character {
    char32_t code = 0;
    std::size_t length = 0;  ///< 0: not valid UTF-8
};

Character decode(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) return {first, 1};
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < length) return {};
    auto code = static_cast<char32_t>(first & (0x7F >> length));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return {};
        code = (code << 6) | (byte(i) & 0x3F);
    }
    constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (code < least[length] || surrogate || code > 0x10FFFF) return {};
    return {code, length};
}

bool is_harmless(char32_t code) {
    const bool control = code < 0x20 || (code >= 0x7F && code < 0xA0);
    const bool direction =
        (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) || code == 0x200E || code == 0x200F;
    const bool separator = code == 0x2028 || code == 0x2029 || code == 0xFEFF;
    return !control && !direction && !separator;
}

std::string escaped(const char* format, unsigned int code) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), format, code);
    return text.data();
}

// Code points, which is what a terminal shows of the scripts we print.
std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string padded(std::string text, std::size_t columns) {
    const auto used = width(text);
    if (used < columns) text.append(columns - used, ' ');
    return text;
}

std::string duration_text(std::int64_t seconds) {
    struct Unit {
        const char* name;
        std::int64_t seconds;
    };
    constexpr std::array<Unit, 4> units{{{"d", 86'400}, {"h", 3'600}, {"m", 60}, {"s", 1}}};
    std::string text;
    int parts = 0;
    for (const auto& unit : units) {
        if (seconds < unit.seconds || parts == 2) continue;
        text += (text.empty() ? "" : " ") + std::to_string(seconds / unit.seconds) + unit.name;
        seconds %= unit.seconds;
        ++parts;
    }
    return text;
}

}  // namespace

std::string printable(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const auto character = decode(text);
        const std::size_t length = std::max<std::size_t>(character.length, 1);
        if (character.length == 0) {
            result += escaped("\\x%02x", static_cast<unsigned char>(text[0]));
        } else if (is_harmless(character.code)) {
            result += text.substr(0, length);
        } else {
            result += escaped(length == 1 ? "\\x%02x" : "\\u{%x}", static_cast<unsigned int>(character.code));
        }
        text.remove_prefix(length);
    }
    return result;
}

Table::Table(std::vector<std::string> heading) {
    rows_.push_back(std::move(heading));
}

void Table::add(std::vector<std::string> row) {
    for (auto& cell : row)
        cell = cell.empty() ? "-" : printable(cell);
    rows_.push_back(std::move(row));
}

void Table::print(std::ostream& out) const {
    std::vector<std::size_t> widths(rows_.front().size(), 0);
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], width(row[i]));
    }
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i)
            line += i + 1 == row.size() ? row[i] : padded(row[i], widths[i] + 2);
        out << line << '\n';
    }
}

void Facts::add(std::string name, std::string_view value) {
    facts_.emplace_back(std::move(name), value.empty() ? "-" : printable(value));
}

void Facts::print(std::ostream& out) const {
    std::size_t widest = 0;
    for (const auto& fact : facts_)
        widest = std::max(widest, width(fact.first));
    for (const auto& [name, value] : facts_)
        out << padded(name + ":", widest + 3) << value << '\n';
}

void print_json(std::ostream& out, const nlohmann::ordered_json& document) {
    out << document.dump(2, ' ', true, nlohmann::ordered_json::error_handler_t::replace) << '\n';
}

void print_json_line(std::ostream& out, const nlohmann::ordered_json& document) {
    out << document.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) << std::endl;
}

std::string time_text(const std::optional<WallTime>& time) {
    return time ? to_rfc3339(*time) : "-";
}

std::string relative_text(WallTime time, WallTime now) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time - now).count();
    if (seconds == 0) return "now";
    return seconds > 0 ? "in " + duration_text(seconds) : duration_text(-seconds) + " ago";
}

std::string bytes_text(std::uint64_t size) {
    if (size < 10'000) return std::to_string(size) + " B";
    std::array<char, 32> text{};
    const double kib = static_cast<double>(size) / 1024;
    if (kib < 1024) {
        std::snprintf(text.data(), text.size(), "%.1f KiB", kib);
    } else {
        std::snprintf(text.data(), text.size(), "%.1f MiB", kib / 1024);
    }
    return text.data();
}

}  // namespace signwatch::cli
