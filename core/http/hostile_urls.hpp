#pragma once

#include <string>
#include <vector>

namespace signwatch::http::testing {

/// URLs that a forged answer could carry to lead a client of https://localhost:`port` astray, or to be read differently
/// by two parsers. None may cause a connection, although many of them end at loopback.
std::vector<std::string> hostile_urls(const std::string& port);

}  // namespace signwatch::http::testing
