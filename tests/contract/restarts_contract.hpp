#pragma once

#include <string>

#include "tests/contract/notifications_contract.hpp"

namespace signwatch::testing {

/// What every StateStore must do with processes that go on after their end. Instantiate beside NotificationContract.
class RestartContract : public NotificationContract {
protected:
    static ProcessHint restarted(const std::string& process, const std::string& token = "") {
        ProcessHint hint = hint_about(process, token);
        hint.restarted = true;
        return hint;
    }
    StatusUpdate last_of(const Watch& watch, const std::string& fingerprint = "ended") {
        StatusUpdate last = found(watch, fingerprint, ProcessState::expired);
        last.ends_watch = true;
        return last;
    }
    /// Registers a process that has ended.
    void end(const std::string& process) {
        watch(process, at(1));
        const Watch look = claim({"acme"}, at(1)).at(0);
        commit(record(last_of(look), at(1)).id, at(1));
        settle_look(look, at(2), false);
    }
    /// `goes_on`: as the poller says of one that was said to be restarted, and is.
    void settle_look(const Watch& look, WallTime now, bool goes_on) {
        SettleWatch settlement;
        settlement.watch = look.id;
        settlement.hurried = look.hurried;
        settlement.answered = true;
        settlement.settled_at = now;
        settlement.due_at = now + std::chrono::minutes{10};
        settlement.ends = !goes_on;
        settlement.goes_on = goes_on;
        wait(store().settle_watch(settlement));
    }
};

}  // namespace signwatch::testing
