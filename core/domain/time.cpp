#include "core/domain/time.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>

namespace signwatch {
namespace {

using namespace std::chrono;

// Reads exactly `digits` decimal digits off the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
    if (text.size() < digits) return std::nullopt;
    int value = 0;
    for (const char c : text.substr(0, digits)) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, char expected) {
    if (text.empty() || text.front() != expected) return false;
    text.remove_prefix(1);
    return true;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

// The fraction after the dot, rounded up to whole milliseconds.
std::optional<milliseconds> take_fraction(std::string_view& text) {
    int digits = 0;
    int value = 0;
    bool more = false;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
        if (++digits > 9) return std::nullopt;
        const int digit = text.front() - '0';
        if (digits <= 3)
            value = value * 10 + digit;
        else
            more = more || digit != 0;
        text.remove_prefix(1);
    }
    if (digits == 0) return std::nullopt;
    for (; digits < 3; ++digits)
        value *= 10;
    return milliseconds{value + (more ? 1 : 0)};
}

std::optional<seconds> take_offset(std::string_view& text) {
    if (take(text, 'Z') || take(text, 'z')) return seconds{0};
    int sign = 1;
    if (take(text, '-'))
        sign = -1;
    else if (!take(text, '+'))
        return std::nullopt;
    const auto hour = take_number(text, 2);
    if (!hour || *hour > 18) return std::nullopt;
    seconds offset = hours{*hour};
    if (take(text, ':')) {
        const auto minute = take_number(text, 2);
        if (!minute || *minute > 59) return std::nullopt;
        offset += minutes{*minute};
        if (take(text, ':')) {
            const auto second = take_number(text, 2);
            if (!second || *second > 59) return std::nullopt;
            offset += seconds{*second};
        }
    }
    return sign * offset;
}

}  // namespace

std::string to_rfc3339(WallTime time) {
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{time - day};
    std::array<char, 40> text{};
    const int size = std::snprintf(text.data(),
                                   text.size(),
                                   "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                                   static_cast<int>(date.year()),
                                   static_cast<unsigned>(date.month()),
                                   static_cast<unsigned>(date.day()),
                                   static_cast<int>(clock.hours().count()),
                                   static_cast<int>(clock.minutes().count()),
                                   static_cast<int>(clock.seconds().count()),
                                   static_cast<int>(clock.subseconds().count()));
    return {text.data(), static_cast<std::size_t>(size)};
}

std::optional<WallTime> parse_iso8601(std::string_view text) {
    text = trim(text);
    const auto y = take_number(text, 4);
    if (!y || !take(text, '-')) return std::nullopt;
    const auto mo = take_number(text, 2);
    if (!mo || !take(text, '-')) return std::nullopt;
    const auto d = take_number(text, 2);
    if (!d || !(take(text, 'T') || take(text, 't'))) return std::nullopt;
    const auto h = take_number(text, 2);
    if (!h || !take(text, ':')) return std::nullopt;
    const auto mi = take_number(text, 2);
    if (!mi) return std::nullopt;
    int s = 0;
    milliseconds fraction{0};
    if (take(text, ':')) {
        const auto second = take_number(text, 2);
        if (!second) return std::nullopt;
        s = *second;
        if (take(text, '.')) {
            const auto parsed = take_fraction(text);
            if (!parsed) return std::nullopt;
            fraction = *parsed;
        }
    }
    const auto offset = take_offset(text);
    if (!offset) return std::nullopt;
    if (!text.empty() && !(text.front() == '[' && text.back() == ']')) return std::nullopt;
    const year_month_day date{year{*y}, month{static_cast<unsigned>(*mo)}, day{static_cast<unsigned>(*d)}};
    if (!date.ok() || *h > 23 || *mi > 59 || s > 59) return std::nullopt;
    return WallTime{sys_days{date} + hours{*h} + minutes{*mi} + seconds{s} + fraction - *offset};
}

std::optional<WallTime> parse_http_date(std::string_view text) {
    const std::string copy{trim(text)};
    std::tm parts{};
    const char* end = ::strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    if (end == nullptr || *end != '\0') return std::nullopt;
    return WallTime{seconds{::timegm(&parts)}};
}

}  // namespace signwatch
