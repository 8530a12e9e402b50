#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulator/signhub/flow.hpp"

namespace signwatch::simulator::signhub {

/// Which flows there are at the start. All are running; `changing` percent of them go through their plan.
struct FlowMix {
    int flows = 0;
    std::int64_t first_id = 7001;
    std::pair<int, int> items{1, 1};  ///< least and most
    double changing = 100;
    std::vector<std::pair<Ending, int>> weights{{Ending::finished, 100}};
    microseconds window{};  ///< virtual: their first changes are spread over that long
    microseconds step{};    ///< virtual: between two signatures of one flow
};

/// How often a client may call, in any stretch of real time that long; 0: as often as it likes.
struct WindowLimits {
    int per_second = 0;
    int per_minute = 0;
    int per_hour = 0;
    int per_day = 0;
    int per_month = 0;  ///< 31 days
};

/// What the client was told about its behaviour, and the delays of the service.
struct SignhubRules {
    WindowLimits limits{};
    bool enforce = true;            ///< calls over a limit are answered 429, and not only counted
    microseconds min_interval{};    ///< virtual: between two answered looks at one flow
    microseconds disagree{};        ///< virtual: how long a finished flow shows an unfinished signature
    microseconds document_after{};  ///< virtual: how long its document is not there yet
    bool portal_steps = false;      ///< signers are seen opening the portal and reading
};

/// Everything that can be said on the command line.
struct SignhubOptions {
    std::filesystem::path directory = "signhub-simulator";
    std::uint16_t port = 0;
    std::uint16_t control_port = 0;
    std::string api_key = "simulated-key-of-signhub";
    FlowMix mix;
    SignhubRules rules;
    double clock_rate = 1.0;
    std::vector<std::string> faults;
    std::uint64_t seed = 1;
    std::size_t pdf_size = 20'000;
    int documents = 0;  ///< how many distinct signed PDFs there are; 0: one for each flow
    microseconds round_trip{};
    std::filesystem::path log;  ///< one line for each call; empty: none
};

/// The plans of the mix in the order of their ids, the same for the same seed.
std::vector<FlowPlan> planned_flows(const SignhubOptions& options);

}  // namespace signwatch::simulator::signhub
