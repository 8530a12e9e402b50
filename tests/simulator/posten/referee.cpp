#include "tests/simulator/posten/referee.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <nlohmann/json.hpp>

namespace signwatch::simulator {
namespace {

constexpr std::size_t kept_entries = 200;

constexpr std::array<std::string_view, violation_count> violation_names{"polls_before_permitted",
                                                                        "confirmed_before_downloaded",
                                                                        "rate_exceeded",
                                                                        "without_client_certificate",
                                                                        "unknown_urls",
                                                                        "malformed_calls",
                                                                        "lost_documents"};

constexpr std::array<std::string_view, tally_count> tally_names{"calls",
                                                                "polls",
                                                                "updates_delivered",
                                                                "redeliveries",
                                                                "confirms",
                                                                "duplicate_confirms",
                                                                "downloads",
                                                                "downloads_refused_gone",
                                                                "throttled",
                                                                "polls_gated_by_fault",
                                                                "calls_blocked_by_fault",
                                                                "faults",
                                                                "tls_handshakes",
                                                                "tls_handshakes_failed",
                                                                "max_calls_in_one_second"};

}  // namespace

void Referee::record(Violation violation, const Moment& now, std::string_view organisation, std::string detail) {
    ++violations_[static_cast<std::size_t>(violation)];
    entries_.push_back({violation, now.wall, std::string{organisation}, std::move(detail)});
    if (entries_.size() > kept_entries) entries_.pop_front();
}

void Referee::raise(Tally tally, std::uint64_t value) {
    auto& current = tallies_[static_cast<std::size_t>(tally)];
    current = std::max(current, value);
}

std::uint64_t Referee::violations() const {
    return std::accumulate(violations_.begin(), violations_.end(), std::uint64_t{0});
}

nlohmann::json Referee::to_json() const {
    nlohmann::json result{{"violations", violations()}};
    for (std::size_t i = 0; i < violation_count; ++i)
        result[violation_names[i]] = violations_[i];
    for (std::size_t i = 0; i < tally_count; ++i)
        result[tally_names[i]] = tallies_[i];
    result["details"] = nlohmann::json::array();
    for (const Entry& entry : entries_) {
        result["details"].push_back({{"violation", violation_names[static_cast<std::size_t>(entry.violation)]},
                                     {"at_ms", entry.wall.count() / 1000},
                                     {"organisation", entry.organisation},
                                     {"detail", entry.detail}});
    }
    return result;
}

}  // namespace signwatch::simulator
