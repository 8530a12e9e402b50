#pragma once

#include <string_view>

#include "tests/simulator/http_exchange.hpp"

namespace signwatch::simulator {

/// Posten's <error> document.
Reply error_reply(unsigned status, std::string_view code, std::string_view message);

}  // namespace signwatch::simulator
