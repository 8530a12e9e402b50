#include "daemon/notify/watchdog.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

namespace signwatch::notify {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;

std::optional<std::int64_t> positive(const char* text) {
    if (text == nullptr) return std::nullopt;
    const std::string_view digits(text);
    std::int64_t value = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size() || value <= 0) return std::nullopt;
    return value;
}

}  // namespace

std::optional<microseconds> watchdog_timeout(const char* usec, const char* pid, pid_t self) {
    const auto time = positive(usec);
    if (!time) return std::nullopt;
    if (pid != nullptr && positive(pid) != static_cast<std::int64_t>(self)) return std::nullopt;
    return microseconds{*time};
}

void Watchdog::watch(std::string name, milliseconds budget, Time now) {
    hearts_.insert_or_assign(std::move(name), Heart{budget, now});
}

void Watchdog::beat(std::string_view name, Time at) {
    const auto heart = hearts_.find(name);
    if (heart != hearts_.end()) heart->second.last = std::max(heart->second.last, at);
}

void Watchdog::forget(std::string_view name) {
    const auto heart = hearts_.find(name);
    if (heart != hearts_.end()) hearts_.erase(heart);
}

std::optional<Stall> Watchdog::stall(Time now) const {
    std::optional<Stall> worst;
    for (const auto& [name, heart] : hearts_) {
        const auto silent = duration_cast<milliseconds>(now - heart.last);
        if (silent <= heart.budget) continue;
        if (!worst || silent - heart.budget > worst->silent - worst->budget) worst = Stall{name, silent, heart.budget};
    }
    return worst;
}

}  // namespace signwatch::notify
