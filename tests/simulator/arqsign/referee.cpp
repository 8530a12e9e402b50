#include "tests/simulator/arqsign/referee.hpp"

#include <nlohmann/json.hpp>

namespace signwatch::simulator {
namespace {

constexpr std::size_t kept_entries = 200;

constexpr const char* violation_names[] = {"over_second",
                                           "over_minute",
                                           "over_hour",
                                           "over_month",
                                           "wrong_credentials",
                                           "looks_too_soon",
                                           "keys_to_stranger",
                                           "unknown_urls",
                                           "malformed_calls",
                                           "malformed_ids",
                                           "hook_strangers_accepted",
                                           "hook_fatal_answers",
                                           "hook_answers_late"};
constexpr const char* tally_names[] = {"calls",
                                       "looks",
                                       "wholes",
                                       "files",
                                       "throttled",
                                       "looks_after_end",
                                       "wholes_before_end",
                                       "documents_delivered",
                                       "unknown_process",
                                       "processes_delivered",
                                       "hooks_queued",
                                       "hooks_sent",
                                       "hooks_acknowledged",
                                       "hook_repeats_acknowledged",
                                       "hooks_refused",
                                       "hooks_unanswered",
                                       "hooks_forged",
                                       "hooks_lost_while_inactive",
                                       "hooks_dropped",
                                       "hooks_disabled",
                                       "triggers_disabled"};

}  // namespace

ArqSignReferee::ArqSignReferee() {
    for (const char* name : violation_names)
        violations_[name] = 0;
    for (const char* name : tally_names)
        tallies_[name] = 0;
}

void ArqSignReferee::record(const std::string& violation, const Moment& now, std::string detail) {
    ++violations_.at(violation);
    entries_.push_back({violation, now.virtual_time, std::move(detail)});
    if (entries_.size() > kept_entries) entries_.pop_front();
}

std::uint64_t ArqSignReferee::violations() const {
    std::uint64_t sum = 0;
    for (const auto& [name, count] : violations_)
        sum += count;
    return sum;
}

nlohmann::json ArqSignReferee::to_json(const CallWindows& windows) const {
    nlohmann::json result{{"violations", violations()}, {"hook_answers", hook_answers_.to_json()}};
    for (const auto& [name, count] : violations_)
        result[name] = count;
    for (const auto& [name, count] : tallies_)
        result[name] = count;
    for (std::size_t i = 0; i < windows.windows().size(); ++i)
        result["max_calls_in_one_" + std::string(windows.windows()[i].name)] = windows.most()[i];
    result["details"] = nlohmann::json::array();
    for (const Entry& entry : entries_) {
        result["details"].push_back({{"violation", entry.violation},
                                     {"virtual_ms", entry.virtual_time.count() / 1000},
                                     {"detail", entry.detail}});
    }
    return result;
}

}  // namespace signwatch::simulator
