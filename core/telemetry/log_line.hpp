#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "core/telemetry/field.hpp"
#include "core/telemetry/log.hpp"

namespace spdlog {
class formatter;
}

namespace signwatch::telemetry {

/// What a line says, after time and level: rendered for one format, masked, without control characters and in valid
/// UTF-8. `redactions` grows by what was masked.
std::string render_body(LogFormat format,
                        std::string_view component,
                        std::string_view message,
                        std::initializer_list<Field> fields,
                        std::uint64_t& redactions);

/// Puts time and level before such a body, and a line end behind it.
std::unique_ptr<spdlog::formatter> make_line_formatter(LogFormat format);

/// Control characters as \u00xx, quotes and backslashes escaped, bytes that are no UTF-8 replaced: fit for a JSON
/// string.
void append_escaped(std::string& out, std::string_view text);

}  // namespace signwatch::telemetry
