#pragma once

#include <cstddef>
#include <optional>

#include "core/config/inbound_settings.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/notification_inbox.hpp"
#include "core/ports/observer.hpp"
#include "core/telemetry/log.hpp"
#include "core/telemetry/metrics.hpp"
#include "daemon/inbound/flood_gate.hpp"
#include "daemon/inbound/queueing.hpp"
#include "daemon/inbound/reception.hpp"
#include "daemon/inbound/routes.hpp"
#include "daemon/listener/http_listener.hpp"

namespace signwatch::inbound {

/// What the inbound listener works with; outlives it.
struct InboundParts {
    const Clock& clock;
    NotificationInbox& inbox;
    Observer& observer;
    telemetry::Metrics& metrics;
    telemetry::Log& log;
};

/// What a configuration makes of the listener, read from its files.
struct Adoption {
    config::InboundSettings settings;
    std::optional<boost::asio::ssl::context> tls;
    Routes routes;

    /// Throws Error(permanent) "tls_material" or "webhook_path" naming the file that cannot be used.
    static Adoption read(const config::InboundSettings& settings, std::vector<Listening> accounts);
};

/// The public listener: takes what providers report, queues it durably, and only then says so. Believes nothing of it.
/// Event-loop thread only; after `stop`, the loop has to run until `busy` is 0 before it may be destroyed.
class InboundServer {
public:
    /// Binds the address. Throws Error(permanent, "listen") when it cannot.
    InboundServer(const boost::asio::any_io_executor& loop, Adoption adoption, const InboundParts& parts);
    InboundServer(const InboundServer&) = delete;
    InboundServer& operator=(const InboundServer&) = delete;

    /// Accounts, certificates and limits from now on; the address stays. Requests under way end as they began.
    void adopt(Adoption adoption);

    void start() { listener_.start(); }
    /// Takes no further request; those whose header has come are answered.
    void drain() { listener_.drain(); }
    void stop() { listener_.stop(); }

    int port() const { return listener_.port(); }
    std::size_t connections() const { return listener_.connections(); }
    /// Connections and notifications that have not ended.
    std::size_t busy() const { return listener_.connections() + queueing_.running(); }
    std::size_t held_bytes() const { return listener_.held_bytes(); }

private:
    listener::Handlers make_handlers();
    bool welcomes(const listener::Peer& peer) const;
    std::optional<config::Address> client_of(const listener::Request& request) const;
    std::optional<listener::Answer> admit(const listener::Request& request);
    Task<listener::Answer> answer(listener::Request request);
    Task<listener::Answer> queue(listener::Request request,
                                 std::string account,
                                 WebhookAnswer said,
                                 int unavailable_status,
                                 FloodGate::Moment begun);
    listener::Answer refuse(int status);
    void tell(const WebhookReport& what, FloodGate::Moment begun);

    const Clock& clock_;
    Observer& observer_;
    telemetry::Metrics& metrics_;
    telemetry::Logger logger_;
    config::InboundSettings settings_;
    Routes routes_;
    FloodGate by_address_;
    FloodGate by_account_;
    Queueing queueing_;
    listener::HttpListener listener_;
};

}  // namespace signwatch::inbound
