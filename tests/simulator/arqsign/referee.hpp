#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "tests/simulator/answer_times.hpp"
#include "tests/simulator/call_windows.hpp"

namespace signwatch::simulator {

/// Watches a client of ArqSign: README.md has what it counts. Not thread-safe: lives on the simulator's loop.
class ArqSignReferee {
public:
    ArqSignReferee();

    /// What a client must never do; `violation` is one of the names in the README.
    void record(const std::string& violation, const Moment& now, std::string detail);
    /// What is counted and is nobody's fault.
    void count(const std::string& tally) { ++tallies_[tally]; }

    /// How long the listener took for a notification.
    void answered_in(microseconds time) { hook_answers_.add(time); }

    std::uint64_t violations() const;
    nlohmann::json to_json(const CallWindows& windows) const;

private:
    struct Entry {
        std::string violation;
        microseconds virtual_time;
        std::string detail;
    };

    std::map<std::string, std::uint64_t> violations_;
    std::map<std::string, std::uint64_t> tallies_;
    AnswerTimes hook_answers_;
    std::deque<Entry> entries_;  ///< the newest 200
};

}  // namespace signwatch::simulator
