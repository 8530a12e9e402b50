#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "tests/simulator/posten/world.hpp"

namespace signwatch::simulator {

/// Rule 4: more than 10 calls of one organisation within any second block it (all its calls) for a while.
class CallBudget {
public:
    CallBudget(const Rules& rules, Referee& referee) : rules_(rules), referee_(&referee) {}

    /// Counts one call; false: it is to be answered 429 with `DoSFilter`.
    bool admit(std::string_view organisation, const Moment& now);

    /// Blocks the organisation without any guilt of the client.
    void block_by_fault(std::string_view organisation, const Moment& now);

private:
    struct Account {
        std::deque<microseconds> calls;  ///< wall times within the last second
        microseconds blocked_until{};    ///< virtual
        bool by_fault = false;
    };
    Account& account_of(std::string_view organisation);

    Rules rules_;
    Referee* referee_;
    std::map<std::string, Account, std::less<>> accounts_;
};

}  // namespace signwatch::simulator
