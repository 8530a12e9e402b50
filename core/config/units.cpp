#include "core/config/units.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <span>

namespace signwatch::config {
namespace {

struct Unit {
    std::string_view name;
    std::int64_t factor;
};

constexpr std::array<Unit, 5> durations{{{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::array<Unit, 4> sizes{{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}}};

std::optional<std::int64_t> parse(std::string_view text, std::span<const Unit> units) {
    if (text.empty() || text.front() == '-') return std::nullopt;
    std::int64_t count = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, count);
    if (error != std::errc{}) return std::nullopt;
    const std::string_view name(rest, static_cast<std::size_t>(end - rest));
    for (const auto& unit : units) {
        if (unit.name != name) continue;
        if (count > std::numeric_limits<std::int64_t>::max() / unit.factor) return std::nullopt;
        return count * unit.factor;
    }
    return std::nullopt;
}

std::string print(std::int64_t value, std::span<const Unit> units) {
    for (const auto& unit : units) {
        if (value % unit.factor == 0 && value != 0) return std::to_string(value / unit.factor) + std::string(unit.name);
    }
    return "0" + std::string(units.back().name);
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    const auto value = parse(text, durations);
    if (!value) return std::nullopt;
    return std::chrono::milliseconds{*value};
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
    const auto value = parse(text, sizes);
    if (!value) return std::nullopt;
    return static_cast<std::uint64_t>(*value);
}

std::string to_text(std::chrono::milliseconds duration) {
    return print(duration.count(), durations);
}

std::string size_text(std::uint64_t bytes) {
    return print(static_cast<std::int64_t>(bytes), sizes);
}

}  // namespace signwatch::config
