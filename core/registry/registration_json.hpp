#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "core/domain/registration.hpp"

namespace signwatch::registry {

/// What is wrong with a text that should be a registration: where, what, and what to do.
struct Unreadable {
    std::string mistake;
};

/// Reads a registration: {"account", "processId", "correlationId", "deadline"?: RFC 3339, "interval"?: "5m", "labels"?:
/// {}}. Strict: an unknown member is a mistake. At most 16 KiB and few levels deep.
std::variant<Registration, Unreadable> read_registration(std::string_view json);

/// "90s", "5m", "24h", "7d"; nullopt if it is none.
std::optional<milliseconds> read_interval(std::string_view text);

}  // namespace signwatch::registry
