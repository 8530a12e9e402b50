#pragma once

#include <functional>
#include <map>
#include <memory>

#include <boost/asio/steady_timer.hpp>

#include "tests/simulator/adobe/api.hpp"
#include "tests/simulator/adobe/hooks.hpp"
#include "tests/simulator/adobe/notification.hpp"
#include "tests/simulator/hook_client.hpp"

namespace signwatch::simulator::adobe {

/// Sends what the book has queued, one notification of a webhook after the other, and asks listeners whether they want
/// it. Lives on the loop, which outlives it.
class AdobeSender {
public:
    struct Parts {
        boost::asio::io_context& loop;
        const AdobeOptions& options;
        AdobeWorld& world;
        HookBook& book;
        AdobeApi& api;
        FaultSwitches& faults;
        AdobeReferee& referee;
        const VirtualClock& clock;
        const HookTls tls;
    };
    explicit AdobeSender(Parts parts);

    /// Looks at the agreements from now on.
    void start();
    /// A webhook, an agreement or the clock has changed: what is due is sent at once.
    void wake();

    /// The verification of intent: whether the listener echoes the client id. A URL that is not on this machine does
    /// not.
    Task<bool> wanted(std::string url, std::string client_id);
    /// Sends to a webhook of the book from now on.
    void serve(Webhook& webhook);

private:
    /// What a listener made of a call.
    enum class Verdict { acknowledged, no_echo, refused, unanswered, late };

    Task<void> watch_agreements();
    Task<void> run_train(Webhook& webhook);
    Task<void> deliver(Webhook& webhook, HookClient& client);
    Task<void> forge(Webhook& webhook, HookClient& client, const Agreement& agreement, std::string body);
    HookCall call_of(const Webhook& webhook, std::string body) const;
    Verdict judge(const HookAnswer& answer, const std::string& client_id) const;
    void settle(Webhook& webhook, const HookAnswer& answer, bool cut);
    std::string body_of(Webhook& webhook, const Notification& notification);
    bool fires(AdobeFault fault, const Agreement& agreement);
    microseconds real_wait(microseconds until) const;
    boost::asio::steady_timer& timer_of(const Webhook& webhook);

    Parts parts_;
    boost::asio::ssl::context tls_;
    boost::asio::steady_timer agreements_timer_;
    std::map<std::string, boost::asio::steady_timer> timers_;  ///< of the trains, by the webhook's id
};

}  // namespace signwatch::simulator::adobe
