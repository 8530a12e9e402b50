#pragma once

#include <cstdint>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "tests/simulator/virtual_clock.hpp"

namespace signwatch::simulator {

/// How long a listener took to answer, of the first million answers exactly.
class AnswerTimes {
public:
    void add(microseconds time);

    std::uint64_t count() const { return count_; }
    microseconds longest() const { return longest_; }
    /// The time that so many percent of the answers did not exceed.
    microseconds percentile(double percent) const;

    /// count, p50_ms, p99_ms, max_ms, and how many took longer than 1 s and 5 s.
    nlohmann::json to_json() const;

private:
    std::uint64_t count_ = 0;
    std::uint64_t over_1s_ = 0;
    std::uint64_t over_5s_ = 0;
    microseconds longest_{};
    mutable bool sorted_ = false;
    mutable std::vector<std::uint32_t> samples_;  ///< microseconds
};

}  // namespace signwatch::simulator
