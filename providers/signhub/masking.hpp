#pragma once

#include <string>
#include <string_view>

namespace signwatch::signhub {

/// The beginning of a body that nobody could read, for those who have to find out why: at most 2 KiB, with everything
/// masked that could tell who signs. Texts are masked except the names of members, numbers beyond 4 digits are masked,
/// and so is what is no plain ASCII.
std::string masked(std::string_view body);

}  // namespace signwatch::signhub
