#include "providers/arqsign/throttling.hpp"

#include <algorithm>
#include <charconv>

#include "core/json/folding.hpp"
#include "providers/arqsign/wire.hpp"

namespace signwatch::arqsign {
namespace {

using namespace std::chrono_literals;

constexpr milliseconds longest = 24h;

std::optional<std::int64_t> number(std::string_view text) {
    std::int64_t value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = result.ec == std::errc{} && result.ptr == text.data() + text.size() && value >= 0;
    return whole ? std::optional(value) : std::nullopt;
}

milliseconds bounded(std::int64_t seconds) {
    return std::clamp<milliseconds>(std::chrono::seconds{std::min<std::int64_t>(seconds, 86'400)}, 1s, longest);
}

// "05:12:33", also "2.05:12:33" with days in front
std::optional<std::int64_t> seconds_of_clock(std::string_view text) {
    std::int64_t days = 0;
    if (const auto dot = text.find('.'); dot != std::string_view::npos) {
        days = number(text.substr(0, dot)).value_or(0);
        text.remove_prefix(dot + 1);
    }
    if (text.size() != 8 || text[2] != ':' || text[5] != ':') return std::nullopt;
    const auto hours = number(text.substr(0, 2));
    const auto minutes = number(text.substr(3, 2));
    const auto seconds = number(text.substr(6, 2));
    if (!hours || !minutes || !seconds) return std::nullopt;
    return ((std::min<std::int64_t>(days, 31) * 24 + *hours) * 60 + *minutes) * 60 + *seconds;
}

std::optional<milliseconds> wait_in_text(std::string_view text) {
    const auto at = text.find(" in ");
    if (at == std::string_view::npos) return std::nullopt;
    text.remove_prefix(at + 4);
    const std::string_view word = text.substr(0, text.find(' '));
    const bool plain_seconds = text.substr(word.size()).starts_with(" second");
    if (const auto seconds = number(word); seconds && plain_seconds) return bounded(*seconds);
    std::string_view clock = word;
    while (clock.ends_with('.'))
        clock.remove_suffix(1);
    const auto seconds = seconds_of_clock(clock);
    return seconds ? std::optional(bounded(*seconds)) : std::nullopt;
}

}  // namespace

bool is_throttled(const HttpResponse& response) {
    if (response.status == 429) return true;
    if (response.status != 403) return false;
    if (response.header("Retry-After")) return true;
    const std::string words = parse_refusal(response.body);
    return words.find("quota") != std::string::npos || words.find("rate limit") != std::string::npos;
}

std::optional<milliseconds> told_wait(const HttpResponse& response, WallTime now) {
    if (const auto header = response.header("Retry-After")) {
        if (const auto seconds = number(json::trimmed(*header))) return bounded(*seconds);
        if (const auto date = parse_http_date(*header)) {
            return bounded(std::chrono::ceil<std::chrono::seconds>(*date - now).count());
        }
    }
    return wait_in_text(parse_refusal(response.body));
}

}  // namespace signwatch::arqsign
