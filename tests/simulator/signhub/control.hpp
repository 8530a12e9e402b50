#pragma once

#include <functional>

#include "tests/simulator/fault_switches.hpp"
#include "tests/simulator/http_exchange.hpp"
#include "tests/simulator/signhub/world.hpp"

namespace signwatch::simulator::signhub {

/// What a test steers a running SignHub with; README.md lists the calls.
class SignhubControl {
public:
    struct Parts {
        SignhubWorld& world;
        FaultSwitches& faults;
        VirtualClock& clock;
        std::function<void()> shut_down;
    };
    explicit SignhubControl(Parts parts) : parts_(std::move(parts)) {}

    Reply handle(const Call& call);

private:
    Reply answer(const Call& call);
    Reply add_flows(const Call& call);
    Reply change_flow(const Call& call, std::int64_t id);
    Reply show_flow(std::int64_t id);
    Reply list_flows();
    Reply list_canaries();
    Reply change_faults(const Call& call);
    Reply advance_clock(const Call& call);

    Parts parts_;
};

}  // namespace signwatch::simulator::signhub
