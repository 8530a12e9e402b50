#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "tests/simulator/adobe/options.hpp"

namespace signwatch::simulator::adobe {

/// The minimum object polling interval: how often the same GET is answered (adobe 1.6, mechanism 4). Pure.
class IdenticalGets {
public:
    explicit IdenticalGets(const CallRules& rules) : rules_(rules) {}

    struct Verdict {
        microseconds wait{};      ///< 0: it is answered
        bool against_it = false;  ///< the client had been told to wait until later
    };
    Verdict ask(const std::string& what, microseconds now);

    /// The client has been told in a 429 until when to wait.
    void told(const std::string& what, microseconds until);

private:
    struct Asked {
        std::deque<microseconds> recent;
        microseconds blocked{};  ///< until then it is refused
        microseconds told{};
    };
    CallRules rules_;
    std::map<std::string, Asked> asked_;
};

/// Until when all calls of a user have to wait, and whether the client can know it.
class Pauses {
public:
    void begin(const std::string& user, microseconds until, microseconds wall) { pauses_[user] = {until, wall}; }

    struct Pause {
        microseconds until{};  ///< virtual
        microseconds told{};   ///< wall
    };
    /// The pause that a call at `now` breaks.
    std::optional<Pause> broken(const std::string& user, microseconds now) const;

private:
    std::map<std::string, Pause> pauses_;
};

}  // namespace signwatch::simulator::adobe
