#pragma once

#include <functional>

#include "tests/simulator/http_exchange.hpp"
#include "tests/simulator/posten/faults.hpp"
#include "tests/simulator/posten/options.hpp"
#include "tests/simulator/posten/world.hpp"

namespace signwatch::simulator {

/// What a test steers a running simulator with; README.md beside this file lists the calls.
class ControlApi {
public:
    struct Parts {
        const PostenOptions& options;
        PostenWorld& world;
        Faults& faults;
        Referee& referee;
        VirtualClock& clock;
        std::function<void()> shut_down;
    };
    explicit ControlApi(Parts parts) : parts_(std::move(parts)) {}

    Reply handle(const Call& call);

private:
    Reply add_jobs(const Call& call);
    Reply list_jobs();
    Reply list_canaries();

    Parts parts_;
};

}  // namespace signwatch::simulator
