#include "providers/adobe_sign/throttling.hpp"

#include <algorithm>
#include <charconv>

#include "core/json/folding.hpp"
#include "providers/adobe_sign/wire_account.hpp"

namespace signwatch::adobe_sign {
namespace {

using namespace std::chrono_literals;

constexpr milliseconds longest = 24h;

std::optional<milliseconds> wait_in(std::string_view header, WallTime now) {
    const std::string_view text = json::trimmed(header);
    std::uint64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    const bool whole = !text.empty() && end == text.data() + text.size();
    if (whole && error == std::errc::result_out_of_range) return longest;
    if (whole && error == std::errc{}) return std::chrono::seconds{std::min<std::uint64_t>(seconds, 86'400)};
    if (const auto date = parse_http_date(text)) return std::max(*date - now, milliseconds{0});
    return std::nullopt;
}

}  // namespace

std::optional<milliseconds> told_wait(const HttpResponse& response, WallTime now) {
    std::optional<milliseconds> wait;
    for (const char* name : {"Retry-After", "retryAfter"}) {
        if (const auto header = response.header(name)) wait = std::max(wait, wait_in(*header, now));
    }
    if (const auto told = error_in(response).retry_after) wait = std::max<std::optional<milliseconds>>(wait, *told);
    if (wait) wait = std::clamp<milliseconds>(*wait, 1s, longest);
    return wait;
}

milliseconds untold_wait(int throttles) {
    return std::min<milliseconds>(2s * (1 << std::clamp(throttles, 0, 5)), 60s);
}

}  // namespace signwatch::adobe_sign
