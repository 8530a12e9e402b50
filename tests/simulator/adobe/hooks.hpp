#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/simulator/adobe/faults.hpp"
#include "tests/simulator/adobe/options.hpp"
#include "tests/simulator/adobe/referee.hpp"
#include "tests/simulator/adobe/world.hpp"
#include "tests/simulator/fault_switches.hpp"

namespace signwatch::simulator::adobe {

/// What a webhook is asked to be.
struct HookSpec {
    std::string name = "simulated";
    std::string url{};
    std::string agreement{};  ///< the id of the only one; empty: all of the account
    std::string client_id{};  ///< of the application that made it
    std::set<std::string> events{"AGREEMENT_ALL"};
    bool detailed = true;
    bool participants = true;
    bool documents = false;
    bool signed_documents = false;
};

/// One event on its way to one webhook. Times are virtual.
struct Notification {
    enum class State { queued, acknowledged, lost };
    std::string id;
    std::string hook;  ///< the webhook's id
    Agreement* agreement = nullptr;
    AgreementEvent event;
    bool repeat = false;  ///< sent although it was acknowledged
    State state = State::queued;
    int attempts = 0;
    unsigned last_status = 0;
    microseconds queued{};
    microseconds first_attempt{};
    microseconds next_attempt{};
    std::optional<microseconds> acknowledged{};
};

struct Webhook {
    std::string id;
    HookSpec spec;
    bool active = true;
    microseconds created{};
    microseconds modified{};
    std::optional<microseconds> last_success;
    std::deque<Notification*> train;  ///< sent in this order: one that fails keeps back the others
    std::uint64_t acknowledged = 0;
    std::uint64_t lost = 0;
};

/// All webhooks of the account and what is under way to them. Pure: time is handed in.
class HookBook {
public:
    HookBook(const HookRules& rules, FaultSwitches& faults, AdobeReferee& referee, std::uint64_t seed)
        : rules_(rules), faults_(faults), referee_(referee), seed_(seed) {}

    Webhook& add(const HookSpec& spec, microseconds now);
    /// nullptr if there is none.
    Webhook* find(const std::string& id);
    bool remove(const std::string& id);
    /// A deleted webhook stays where it was, without events.
    std::deque<Webhook>& webhooks() { return webhooks_; }
    const std::deque<Notification>& notifications() const { return notifications_; }

    /// Queues everything that has happened to the agreement and was not told yet.
    void tell(Agreement& agreement, microseconds now);

    /// What is to be sent to the webhook now; nullptr: nothing.
    Notification* due(Webhook& webhook, microseconds now);
    /// When the next one is due; `never` if there is none.
    microseconds next_due(const Webhook& webhook) const;

    /// The first of the train was acknowledged, or not.
    void succeeded(Webhook& webhook, microseconds now);
    void failed(Webhook& webhook, unsigned status, microseconds now);

    /// Making it inactive loses what is queued; what happens then is never told.
    void set_active(Webhook& webhook, bool active, microseconds now);
    /// Sends the newest acknowledged notification so many times more; false: there is none.
    bool replay(Webhook& webhook, int times, microseconds now);

private:
    bool fires(AdobeFault fault, const Agreement& agreement);
    std::string new_id();
    void queue(Webhook& webhook, Agreement& agreement, const AgreementEvent& event, microseconds now);
    void lose(Webhook& webhook, Notification& notification);

    HookRules rules_;
    FaultSwitches& faults_;
    AdobeReferee& referee_;
    std::uint64_t seed_;
    std::uint64_t ids_ = 0;
    std::deque<Webhook> webhooks_;
    std::deque<Notification> notifications_;
};

}  // namespace signwatch::simulator::adobe
