#pragma once

#include <array>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/simulator/arqsign/faults.hpp"
#include "tests/simulator/arqsign/referee.hpp"
#include "tests/simulator/arqsign/world.hpp"
#include "tests/simulator/fault_switches.hpp"

namespace signwatch::simulator {

/// What has happened by `now`, in order; the last signature is there twice, as 3 and as 8.
std::vector<ArqSignEvent> arqsign_events(const ArqSignProcess& process, microseconds now);
/// When something happens next; nullopt: never.
std::optional<microseconds> next_arqsign_event(const ArqSignProcess& process, microseconds now);

/// What a webhook is asked to be ("confwebhook").
struct ArqSignHookSpec {
    std::string url{};
    std::set<int> triggers{1, 2, 3, 4, 5, 6, 7, 8};
    bool wait_for_answer = true;  ///< "aguardarRetorno": no answer is a failure as well
    bool process = true;
    bool signers = true;
    bool documents = false;
    bool links = true;  ///< of documents, instead of base64
};

/// One event on its way to one webhook. Times are virtual.
struct ArqSignDelivery {
    enum class State { queued, acknowledged, lost };
    std::int64_t number = 0;
    ArqSignProcess* process = nullptr;
    ArqSignEvent event;
    State state = State::queued;
    bool repeat = false;  ///< sent although the same was queued already
    bool under_way = false;
    int attempts = 0;
    unsigned last_status = 0;
    microseconds first_attempt{};
    microseconds next_attempt{};
};

struct ArqSignHook {
    std::string id;
    std::string hmac_key;
    ArqSignHookSpec spec;
    enum class Status { active = 1, inactive = 2, failed = 3 } status = Status::active;
    microseconds created{};
    std::set<int> dead_triggers;  ///< "inativo por falhas recorrentes"
    std::deque<ArqSignDelivery> deliveries;
    std::deque<ArqSignDelivery*> pending;  ///< not acknowledged and not lost
};

/// The webhooks of an account and what is under way to them. Pure: time is handed in.
class ArqSignHookBook {
public:
    /// From the first attempt on (posten-arqsign 2.12).
    static const std::array<microseconds, 14>& schedule();

    ArqSignHookBook(FaultSwitches& faults, ArqSignReferee& referee, std::uint64_t seed)
        : faults_(faults), referee_(referee), seed_(seed) {}

    const std::string& account() const { return account_; }
    ArqSignHook& add(const ArqSignHookSpec& spec, microseconds now);
    ArqSignHook* find(const std::string& id);
    std::deque<ArqSignHook>& hooks() { return hooks_; }

    /// Queues everything that has happened to the process and was not told yet.
    void tell(ArqSignProcess& process, microseconds now);

    /// The delivery that has been due for longest and is not under way; nullptr: none is due.
    ArqSignDelivery* due(ArqSignHook& hook, microseconds now);
    std::optional<microseconds> next_due(const ArqSignHook& hook) const;

    /// What a listener answered: only 200 will do; 0: it did not answer in time. 401, 403 and 404 end it all at once.
    void settle(ArqSignHook& hook, ArqSignDelivery& delivery, unsigned status, microseconds now);

    /// Reactivation sends at once what failed less than 14 times.
    void set_active(ArqSignHook& hook, bool active, microseconds now);

private:
    bool fires(ArqSignFault fault, const ArqSignProcess& process);
    std::string new_id(const std::string& of);
    void queue(ArqSignHook& hook, ArqSignProcess& process, const ArqSignEvent& event, microseconds now);
    void forget(ArqSignHook& hook, ArqSignDelivery& delivery, ArqSignDelivery::State state);

    FaultSwitches& faults_;
    ArqSignReferee& referee_;
    std::uint64_t seed_;
    std::uint64_t ids_ = 0;
    std::string account_ = new_id("account");
    std::deque<ArqSignHook> hooks_;
};

}  // namespace signwatch::simulator
