#pragma once

#include <map>
#include <optional>

#include <boost/asio/steady_timer.hpp>

#include "tests/simulator/arqsign/api.hpp"
#include "tests/simulator/arqsign/hook_bodies.hpp"
#include "tests/simulator/arqsign/options.hpp"
#include "tests/simulator/control_calls.hpp"
#include "tests/simulator/hook_client.hpp"

namespace signwatch::simulator {

/// Sends what the webhooks of ArqSign have queued, several at a time, and has the control calls for them. Lives on the
/// loop, which outlives it.
class ArqSignSender {
public:
    struct Parts {
        boost::asio::io_context& loop;
        const ArqSignOptions& options;
        ArqSignWorld& world;
        ArqSignHookBook& book;
        ArqSignApi& api;
        FaultSwitches& faults;
        ArqSignReferee& referee;
        const VirtualClock& clock;
        const HookTls tls;
    };
    explicit ArqSignSender(Parts parts);

    void start();
    /// A process or the clock has changed.
    void wake();

    /// nullopt: the call is not about webhooks. Throws std::invalid_argument or a JSON exception for a wrong one.
    std::optional<Reply> control(const Call& call);

private:
    Task<void> watch_processes();
    Task<void> work(ArqSignHook& hook, boost::asio::steady_timer& timer);
    Task<void> deliver(ArqSignHook& hook, ArqSignDelivery& delivery, HookClient& client);
    Task<void> forge(ArqSignHook& hook, HookClient& client, ArqSignDelivery& delivery, std::string body);
    ArqSignHookForm form_of(const ArqSignDelivery& delivery);
    void note_answer(const HookAnswer& answer);
    bool fires(ArqSignFault fault, const ArqSignDelivery& delivery);
    microseconds real_wait(std::optional<microseconds> until) const;
    void serve(ArqSignHook& hook);

    Reply add_hook(const Call& call);
    Reply change_hook(const Call& call);
    Reply list_hooks();
    Reply list_deliveries();

    Parts parts_;
    boost::asio::ssl::context tls_;
    boost::asio::steady_timer processes_timer_;
    std::deque<boost::asio::steady_timer> timers_;
};

}  // namespace signwatch::simulator
