#pragma once

#include <functional>

#include <nlohmann/json_fwd.hpp>

#include "tests/simulator/fault_switches.hpp"
#include "tests/simulator/http_exchange.hpp"
#include "tests/simulator/virtual_clock.hpp"

namespace signwatch::simulator {

/// What the control API of every provider can reach.
struct Controlled {
    FaultSwitches& faults;
    VirtualClock& clock;
    std::function<void()> shut_down;
    std::function<void()> advanced{};  ///< called when the clock was moved
};

/// Answers the control calls that all providers share (health, faults, clock, shutdown) and leaves the others to `own`;
/// its std::invalid_argument and JSON exceptions become an answer 400.
Reply answer_control(const Call& call, const Controlled& controlled, const CallHandler& own);

Reply json_reply(const nlohmann::json& value, unsigned status = 200);

}  // namespace signwatch::simulator
