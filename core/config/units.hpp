#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signwatch::config {

/// "250ms", "30s", "10m", "2h", "1d": digits and one unit; nullopt for anything else.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// "512B", "64KiB", "100MiB", "2GiB": digits and one unit; nullopt for anything else.
std::optional<std::uint64_t> parse_size(std::string_view text);

/// In the largest unit that leaves no remainder.
std::string to_text(std::chrono::milliseconds duration);
std::string size_text(std::uint64_t bytes);

}  // namespace signwatch::config
