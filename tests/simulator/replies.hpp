#pragma once

#include "tests/simulator/http_exchange.hpp"

namespace signwatch::simulator {

/// What a gateway in front of any service would answer.
Reply html_reply(unsigned status);

}  // namespace signwatch::simulator
