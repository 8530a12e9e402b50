#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signwatch::admin {

/// The target of a request, taken apart and percent-decoded.
struct Target {
    std::vector<std::string> path;             ///< "/v1/a%2Fb" is {"v1", "a/b"}
    std::map<std::string, std::string> query;  ///< each name once
};

/// Strict: an absolute path without empty segments, every escape two hexadecimal digits, everything UTF-8 without
/// control characters, no parameter without a value or given twice; else nullopt. In the query a plus is a space, as
/// forms have it.
std::optional<Target> read_target(std::string_view target);

/// Whether the text is UTF-8 without control characters.
bool is_plain_text(std::string_view text);

}  // namespace signwatch::admin
