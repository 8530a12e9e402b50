#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace signwatch::simulator::adobe {

/// The target of a request taken apart, with its escapes undone.
struct Target {
    std::vector<std::string> path;  ///< its segments, below the base
    std::map<std::string, std::string> query;

    bool is(std::size_t segments, std::string_view first) const {
        return path.size() == segments && path.front() == first;
    }
    std::string parameter(const std::string& name, const std::string& fallback = "") const;
};

/// `base` is cut off before. Throws std::invalid_argument for a broken escape.
Target read_target(std::string_view target, std::string_view base);

/// The fields of an application/x-www-form-urlencoded text.
std::map<std::string, std::string> read_form(std::string_view text);

}  // namespace signwatch::simulator::adobe
