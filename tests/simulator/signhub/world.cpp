#include "tests/simulator/signhub/world.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

#include <nlohmann/json.hpp>

namespace signwatch::simulator::signhub {
namespace {

constexpr std::size_t kept_entries = 200;

constexpr std::array<std::string_view, foul_count> foul_names{"wrong_credentials",
                                                              "looks_too_soon",
                                                              "limits_exceeded",
                                                              "looks_after_end",
                                                              "downloads_before_finished",
                                                              "malformed_calls"};

constexpr std::array<std::string_view, count_count> count_names{"calls",
                                                                "looks",
                                                                "looks_failed",
                                                                "looks_soon_after_failure",
                                                                "looks_repeated_at_end",
                                                                "ends_told",
                                                                "downloads",
                                                                "downloads_too_early",
                                                                "verifications",
                                                                "throttled",
                                                                "unknown_flows",
                                                                "faults",
                                                                "tls_handshakes",
                                                                "tls_handshakes_failed"};

double ms(microseconds time) {
    return static_cast<double>(time.count()) / 1000.0;
}

}  // namespace

Flow& SignhubWorld::add(FlowPlan plan) {
    Flow& flow = flows_.emplace_back();
    flow.id = first_id_ + static_cast<std::int64_t>(flows_.size()) - 1;
    flow.plan = std::move(plan);
    return flow;
}

Flow* SignhubWorld::find(std::int64_t id) {
    const std::int64_t index = id - first_id_;
    const bool ours = index >= 0 && index < static_cast<std::int64_t>(flows_.size());
    return ours ? &flows_[static_cast<std::size_t>(index)] : nullptr;
}

bool SignhubWorld::admit(const Moment& now) {
    count(Count::calls);
    const auto exceeded = windows_.add(now.wall);
    if (!exceeded) return true;
    foul(Foul::limits_exceeded, now, "too many calls in a " + std::string{CallWindows::name_of(*exceeded)});
    return !rules_.enforce;
}

void SignhubWorld::note_look(Flow& flow, std::string_view request_id, const Moment& now) {
    count(Count::looks);
    const std::uint64_t request = std::hash<std::string_view>{}(request_id);
    const std::string name = "flow " + std::to_string(flow.id);
    if (flow.looks > 0) {
        if (request == flow.last_request) foul(Foul::malformed_calls, now, name + ": a request id for the second time");
        const microseconds gap = now.virtual_time - flow.last_look;
        flow.shortest_gap = std::min(flow.shortest_gap, gap);
        flow.longest_gap = std::max(flow.longest_gap, gap);
        if (gap < rules_.min_interval) {
            if (flow.last_failed)
                count(Count::looks_soon_after_failure);
            else
                foul(Foul::looks_too_soon, now, name + ": after " + std::to_string(gap.count() / 1000) + " ms");
        }
    }
    if (flow.end_told == 1) count(Count::looks_repeated_at_end);
    if (flow.end_told > 1) foul(Foul::looks_after_end, now, name);
    ++flow.looks;
    flow.last_look = now.virtual_time;
    flow.last_request = request;
    flow.last_failed = false;
}

void SignhubWorld::note_failure(Flow& flow) {
    flow.last_failed = true;
    count(Count::looks_failed);
}

void SignhubWorld::note_end_told(Flow& flow) {
    if (flow.end_told == 0) count(Count::ends_told);
    if (flow.end_told < 2) ++flow.end_told;
}

void SignhubWorld::foul(Foul foul, const Moment& now, std::string detail) {
    ++fouls_[static_cast<std::size_t>(foul)];
    entries_.push_back({foul, now.wall, std::move(detail)});
    if (entries_.size() > kept_entries) entries_.pop_front();
}

nlohmann::json SignhubWorld::fairness_json(const Moment& now) const {
    std::uint64_t looked_at = 0;
    std::uint64_t sum = 0;
    std::uint32_t least = UINT32_MAX;
    std::uint32_t most = 0;
    microseconds shortest = never;
    microseconds longest{};
    for (const Flow& flow : flows_) {
        shortest = std::min(shortest, flow.shortest_gap);
        if (flow.end_told > 0 || flow.looks == 0) continue;
        ++looked_at;
        sum += flow.looks;
        least = std::min(least, flow.looks);
        most = std::max(most, flow.looks);
        longest = std::max({longest, flow.longest_gap, now.virtual_time - flow.last_look});
    }
    nlohmann::json result{{"flows", looked_at},
                          {"looks_min", looked_at == 0 ? 0 : least},
                          {"looks_max", most},
                          {"looks_mean", looked_at == 0 ? 0.0 : double(sum) / double(looked_at)},
                          {"gap_max_ms", ms(longest)},
                          {"gap_min_ms", nullptr}};
    if (shortest < never) result["gap_min_ms"] = ms(shortest);
    return result;
}

nlohmann::json SignhubWorld::referee_json(const Moment& now) const {
    nlohmann::json result{{"violations", std::accumulate(fouls_.begin(), fouls_.end(), std::uint64_t{0})}};
    for (std::size_t i = 0; i < foul_count; ++i)
        result[foul_names[i]] = fouls_[i];
    for (std::size_t i = 0; i < count_count; ++i)
        result[count_names[i]] = counts_[i];
    for (std::size_t i = 0; i < CallWindows::count; ++i)
        result["max_calls_in_a"][std::string{CallWindows::name_of(i)}] = windows_.most_in(i);
    const auto ended = std::count_if(
        flows_.begin(), flows_.end(), [&](const Flow& flow) { return end_of(flow.plan) <= now.virtual_time; });
    const auto downloaded =
        std::count_if(flows_.begin(), flows_.end(), [](const Flow& flow) { return flow.downloads > 0; });
    const auto never_looked =
        std::count_if(flows_.begin(), flows_.end(), [](const Flow& flow) { return flow.looks == 0; });
    result["flows"] = flows_.size();
    result["flows_ended"] = ended;
    result["flows_downloaded"] = downloaded;
    result["flows_never_looked_at"] = never_looked;
    result["fairness"] = fairness_json(now);
    result["virtual_ms"] = ms(now.virtual_time);
    result["details"] = nlohmann::json::array();
    for (const Entry& entry : entries_) {
        result["details"].push_back({{"violation", foul_names[static_cast<std::size_t>(entry.foul)]},
                                     {"at_ms", entry.wall.count() / 1000},
                                     {"detail", entry.detail}});
    }
    return result;
}

}  // namespace signwatch::simulator::signhub
