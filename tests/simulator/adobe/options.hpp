#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/simulator/virtual_clock.hpp"

namespace signwatch::simulator::adobe {

using namespace std::chrono_literals;

/// How long tokens live, in virtual time (adobe 1.2).
struct TokenRules {
    microseconds access_life = 3600s;
    microseconds refresh_life = 24h * 60;  ///< without use
    bool rotate = true;                    ///< a refresh gives a new refresh token, and the old one dies
    microseconds grace{};                  ///< how long the old one is still taken
};

/// How often a client may ask, in virtual time; 0: as often as it likes (adobe 1.6).
struct CallRules {
    int identical = 3;  ///< identical GETs in any `identical_window`
    microseconds identical_window = 60s;
    bool penalty = true;  ///< asking again before the wait has ended begins it anew
    int per_minute = 0;   ///< calls of a user
    int search_per_minute = 1000;
    int search_per_hour = 2500;
    int search_per_day = 7200;
};

/// When a notification that was not acknowledged is sent again, and when a webhook is given up, in virtual time; how
/// long an answer is waited for, in real time (adobe 1.8).
struct HookRules {
    microseconds first = 30s;
    int factor = 2;
    microseconds cap = 12h;
    microseconds horizon = 72h;
    microseconds disable_after = 24h * 7;  ///< without a success, and the horizon passed
    microseconds answer_limit = 5s;
};

/// Everything that can be said on the command line of `signwatch-simulator adobe`.
struct AdobeOptions {
    std::filesystem::path directory = "adobe-simulator";
    std::uint16_t port = 0;
    std::uint16_t control_port = 0;
    double clock_rate = 1.0;
    TokenRules tokens;
    CallRules calls;
    microseconds lag{};             ///< virtual: how far list and search are behind
    microseconds document_after{};  ///< virtual: from the end of an agreement to its document
    std::size_t page_limit = 500;   ///< of list and search
    std::size_t document_size = 20'000;
    int documents = 0;  ///< how many distinct signed PDFs there are; 0: one for each agreement
    HookRules hooks;
    std::filesystem::path hook_authority;  ///< of the listener's certificate; empty: our own
    bool hook_certificate = true;          ///< whether the sender shows a client certificate
    std::vector<std::string> faults;
    std::uint64_t seed = 1;
    std::filesystem::path log;  ///< one line for each call; empty: none
};

}  // namespace signwatch::simulator::adobe
