#include "tests/simulator/answer_times.hpp"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

namespace signwatch::simulator {
namespace {

constexpr std::size_t kept_samples = 1'000'000;

double ms(microseconds time) {
    return static_cast<double>(time.count()) / 1000.0;
}

}  // namespace

void AnswerTimes::add(microseconds time) {
    ++count_;
    longest_ = std::max(longest_, time);
    if (time > std::chrono::seconds{1}) ++over_1s_;
    if (time > std::chrono::seconds{5}) ++over_5s_;
    if (samples_.size() >= kept_samples) return;
    samples_.push_back(static_cast<std::uint32_t>(std::clamp<std::int64_t>(time.count(), 0, UINT32_MAX)));
    sorted_ = false;
}

microseconds AnswerTimes::percentile(double percent) const {
    if (samples_.empty()) return {};
    if (!sorted_) std::sort(samples_.begin(), samples_.end());
    sorted_ = true;
    const double rank = std::ceil(percent / 100.0 * static_cast<double>(samples_.size()));
    return microseconds{samples_[static_cast<std::size_t>(std::max(rank, 1.0)) - 1]};
}

nlohmann::json AnswerTimes::to_json() const {
    return {{"count", count_},
            {"p50_ms", ms(percentile(50))},
            {"p99_ms", ms(percentile(99))},
            {"max_ms", ms(longest_)},
            {"over_1s", over_1s_},
            {"over_5s", over_5s_}};
}

}  // namespace signwatch::simulator
