#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulator/posten/world.hpp"

namespace signwatch::simulator {

/// Which jobs there are at the start.
struct JobMix {
    int jobs = 0;
    std::vector<std::string> queues{""};  ///< jobs take turns over organisations, flows and queues
    std::vector<Flow> flows{Flow::portal};
    std::pair<int, int> signers{1, 1};  ///< least and most
    std::vector<std::pair<Scenario, int>> weights{{Scenario::completed, 100}};
    microseconds interval{};  ///< virtual time between their first updates
    bool pades_in_progress = false;
};

/// Everything that can be said on the command line.
struct PostenOptions {
    std::filesystem::path directory = "posten-simulator";
    std::uint16_t port = 0;
    std::uint16_t control_port = 0;
    std::vector<std::string> organisations{"123456789"};
    std::string server_organisation = "984661185";
    bool rsa = false;
    JobMix mix;
    Rules rules;
    std::vector<std::string> faults;
    std::uint64_t seed = 1;
    std::size_t pades_size = 20'000;
    std::size_t xades_size = 8'000;
    bool pregenerate = false;  ///< all documents exist before the simulator is ready
    microseconds round_trip{};
    unsigned confirm_status = 204;
    unsigned repeat_status = 204;
    std::filesystem::path log;  ///< one line for each call; empty: none
};

/// The jobs of the mix in their order, the same for the same seed.
std::vector<JobSpec> planned_jobs(const PostenOptions& options);

}  // namespace signwatch::simulator
