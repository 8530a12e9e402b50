#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/simulator/virtual_clock.hpp"

namespace signwatch::simulator {

/// How often an account may call, over any stretch of virtual time that long; 0: no such limit. A month has 31 days.
struct ArqSignLimits {
    int per_second = 4;
    int per_minute = 240;
    int per_hour = 400;
    int per_month = 400;
};

/// Everything that can be said on the command line of `signwatch-simulator arqsign`.
struct ArqSignOptions {
    std::filesystem::path directory = "arqsign-simulator";
    std::uint16_t port = 0;
    std::uint16_t files_port = 0;
    std::uint16_t control_port = 0;
    double clock_rate = 1.0;
    ArqSignLimits limits;
    bool enforce = true;             ///< false: calls over a limit are counted, and answered all the same
    bool quota_as_403 = false;       ///< hour and month: 403 with words about a quota, instead of 429
    bool name_wait = true;           ///< refusals carry Retry-After
    microseconds agreed_interval{};  ///< virtual; two looks at one process must not be closer; 0: any
    std::size_t document_size = 20'000;
    microseconds hook_answer_limit = std::chrono::seconds{100};  ///< real: how long the sender of webhooks waits
    std::filesystem::path hook_authority;                        ///< of the listener's certificate; empty: our own
    std::vector<std::string> faults;
    std::uint64_t seed = 1;
    std::filesystem::path log;  ///< one line for each call; empty: none
};

}  // namespace signwatch::simulator
