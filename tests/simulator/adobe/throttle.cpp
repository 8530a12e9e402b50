#include "tests/simulator/adobe/throttle.hpp"

#include <algorithm>

namespace signwatch::simulator::adobe {

IdenticalGets::Verdict IdenticalGets::ask(const std::string& what, microseconds now) {
    if (rules_.identical == 0) return {};
    Asked& asked = asked_[what];
    const bool against_it = now < asked.told;
    if (now < asked.blocked) {
        if (rules_.penalty) asked.blocked = now + rules_.identical_window;
        return {asked.blocked - now, against_it};
    }
    // After a wait the count starts from zero.
    if (asked.blocked > microseconds{}) asked.recent.clear();
    asked.blocked = {};
    while (!asked.recent.empty() && asked.recent.front() + rules_.identical_window <= now)
        asked.recent.pop_front();
    if (asked.recent.size() < static_cast<std::size_t>(rules_.identical)) {
        asked.recent.push_back(now);
        return {{}, against_it};
    }
    asked.blocked = rules_.penalty ? now + rules_.identical_window : asked.recent.front() + rules_.identical_window;
    return {asked.blocked - now, against_it};
}

void IdenticalGets::told(const std::string& what, microseconds until) {
    asked_[what].told = until;
}

std::optional<Pauses::Pause> Pauses::broken(const std::string& user, microseconds now) const {
    const auto found = pauses_.find(user);
    if (found == pauses_.end() || now >= found->second.until) return std::nullopt;
    return found->second;
}

}  // namespace signwatch::simulator::adobe
