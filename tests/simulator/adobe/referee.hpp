#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "tests/simulator/answer_times.hpp"

namespace signwatch::simulator::adobe {

/// Watches a client of Adobe, and the listener for its webhooks: README.md has what it counts. Lives on the loop.
class AdobeReferee {
public:
    AdobeReferee();

    /// What a client must never do; `violation` is one of the names in the README.
    void record(const std::string& violation, const Moment& now, std::string detail);
    /// What is counted and is nobody's fault.
    void count(const std::string& tally) { ++tallies_[tally]; }
    /// How long the listener took for a notification.
    void answered_in(microseconds time) { hook_answers_.add(time); }

    std::uint64_t violations() const;
    std::uint64_t of(const std::string& name) const;
    nlohmann::json to_json() const;

private:
    struct Entry {
        std::string violation;
        Moment at;
        std::string detail;
    };
    std::map<std::string, std::uint64_t> violations_;
    std::map<std::string, std::uint64_t> tallies_;
    AnswerTimes hook_answers_;
    std::deque<Entry> entries_;  ///< the newest 200
};

}  // namespace signwatch::simulator::adobe
