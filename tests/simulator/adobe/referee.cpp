#include "tests/simulator/adobe/referee.hpp"

#include <nlohmann/json.hpp>

namespace signwatch::simulator::adobe {
namespace {

constexpr std::size_t kept_entries = 200;

constexpr const char* violation_names[] = {"wrong_credentials",
                                           "refresh_with_dead_token",
                                           "identical_gets_too_soon",
                                           "calls_before_retry_after",
                                           "search_over_limit",
                                           "downloads_before_end",
                                           "etags_altered",
                                           "malformed_calls",
                                           "unknown_urls",
                                           "hook_answers_late",
                                           "hook_echo_missing",
                                           "hook_strangers_accepted"};
constexpr const char* tally_names[] = {"calls",
                                       "agreements_looked_at",
                                       "members_looked_at",
                                       "events_looked_at",
                                       "lists",
                                       "searches",
                                       "webhooks_looked_at",
                                       "base_uris",
                                       "refreshes",
                                       "refreshes_while_fresh",
                                       "expired_tokens_used",
                                       "wrong_access_point",
                                       "not_modified",
                                       "throttled",
                                       "calls_in_flight_at_429",
                                       "downloads",
                                       "downloads_too_early",
                                       "audit_trails",
                                       "form_data",
                                       "unknown_agreements",
                                       "looks_after_end",
                                       "faults",
                                       "hooks_queued",
                                       "hooks_sent",
                                       "hooks_acknowledged",
                                       "hooks_refused",
                                       "hooks_unanswered",
                                       "hooks_lost_while_inactive",
                                       "hooks_dropped",
                                       "hook_repeats_acknowledged",
                                       "hooks_forged",
                                       "hooks_disabled"};

}  // namespace

AdobeReferee::AdobeReferee() {
    for (const char* name : violation_names)
        violations_[name] = 0;
    for (const char* name : tally_names)
        tallies_[name] = 0;
}

void AdobeReferee::record(const std::string& violation, const Moment& now, std::string detail) {
    ++violations_.at(violation);
    entries_.push_back({violation, now, std::move(detail)});
    if (entries_.size() > kept_entries) entries_.pop_front();
}

std::uint64_t AdobeReferee::violations() const {
    std::uint64_t sum = 0;
    for (const auto& [name, count] : violations_)
        sum += count;
    return sum;
}

std::uint64_t AdobeReferee::of(const std::string& name) const {
    const auto found = violations_.find(name);
    return found != violations_.end() ? found->second : tallies_.at(name);
}

nlohmann::json AdobeReferee::to_json() const {
    nlohmann::json result{{"violations", violations()}, {"hook_answers", hook_answers_.to_json()}};
    for (const auto& [name, count] : violations_)
        result[name] = count;
    for (const auto& [name, count] : tallies_)
        result[name] = count;
    result["details"] = nlohmann::json::array();
    for (const Entry& entry : entries_) {
        result["details"].push_back({{"violation", entry.violation},
                                     {"at_ms", entry.at.wall.count() / 1000},
                                     {"virtual_ms", entry.at.virtual_time.count() / 1000},
                                     {"detail", entry.detail}});
    }
    return result;
}

}  // namespace signwatch::simulator::adobe
