#pragma once

#include <optional>
#include <string>

#include "tests/contract/state_store_contract.hpp"

namespace signwatch::testing {

/// What every StateStore must do for processes that are looked at one by one. Instantiate beside StateStoreContract.
class ProcessContract : public StateStoreContract {
protected:
    static Registration registration_of(const std::string& process, const std::string& correlation) {
        Registration registration;
        registration.provider = ProviderKind::signhub;
        registration.account = "acme";
        registration.process_id = process;
        registration.correlation_id = correlation;
        return registration;
    }
    RegisterResult add(const Registration& registration, std::optional<WallTime> due_at, WallTime now) {
        FirstLooks looks;
        looks.due_at = {due_at};
        looks.now = now;
        return wait(store().register_processes({registration}, looks, now)).at(0);
    }
    void watch(const std::string& process, WallTime due_at) {
        EXPECT_EQ(add(registration_of(process, "c" + process), due_at, at(0)).outcome, Registered::added);
    }
    OrderOutcome order(const std::string& process, ProcessOrder order, WallTime now) {
        return wait(store().order_process("acme", process, order, now));
    }
    void finish_look(const Watch& watch, WallTime due_at, bool answered = true) {
        SettleWatch settlement;
        settlement.watch = watch.id;
        settlement.due_at = due_at;
        settlement.settled_at = due_at - std::chrono::seconds{1};
        settlement.answered = answered;
        settlement.hurried = watch.hurried;
        wait(store().settle_watch(settlement));
    }
    StatusUpdate found(const Watch& watch, const std::string& fingerprint, ProcessState state) {
        StatusUpdate update = make_update(watch.key.target, fingerprint, state);
        update.provider = ProviderKind::signhub;
        update.acknowledge_at = Sensitive();
        update.watch = watch.id;
        return update;
    }
};

}  // namespace signwatch::testing
