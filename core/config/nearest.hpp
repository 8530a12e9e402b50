#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signwatch::config {

/// How many letters must be inserted, removed, replaced or swapped with their neighbour to make `left` into `right`.
std::size_t edit_distance(std::string_view left, std::string_view right);

/// The candidate that somebody who wrote `word` most likely meant; nullopt if none is near.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace signwatch::config
