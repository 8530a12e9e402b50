#pragma once

#include <chrono>
#include <optional>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "core/telemetry/log.hpp"
#include "daemon/listener/exchange.hpp"
#include "daemon/listener/messages.hpp"

namespace signwatch::listener {

/// What every connection of a listener shares; outlives them.
struct Service {
    Handlers handlers;
    Limits limits;
    telemetry::Logger logger;
    BodyBudget bodies;

    void dropped(std::string_view why) const {
        if (handlers.dropped) handlers.dropped(why);
    }
};

/// One connection, with or without TLS, from its first byte to its last. Event-loop thread.
class Session {
public:
    using Plain = boost::beast::basic_stream<boost::asio::generic::stream_protocol>;
    using Secure = boost::asio::ssl::stream<Plain>;

    /// `tls` null: without. Its time begins to run.
    Session(boost::asio::generic::stream_protocol::socket socket,
            Peer peer,
            boost::asio::ssl::context* tls,
            Service& service);

    /// Returns when the connection has ended.
    Task<void> serve();

    /// Takes no further request: ends after that which is under way, at once if there is none whose header has come.
    void finish();
    void close() { lowest().close(); }

    const Peer& peer() const { return peer_; }
    /// Since when no request has been under way; nullopt: one is, or the connection is ending.
    std::optional<std::chrono::steady_clock::time_point> idle_since() const;

private:
    using Buffer = boost::beast::flat_buffer;
    using Moment = std::chrono::steady_clock::time_point;

    Plain& lowest() { return secure_ ? secure_->next_layer() : *plain_; }
    std::chrono::milliseconds header_time() const;
    Moment end_of_body(Moment begun, std::size_t received) const;

    Task<bool> shake_hands();
    template <typename Stream>
    Task<void> serve_on(Stream& stream);
    template <typename Stream>
    Task<bool> serve_one(Stream& stream, Buffer& buffer);
    template <typename Stream>
    Task<bool> wait_for_request(Stream& stream, Buffer& buffer);
    template <typename Stream>
    Task<bool> serve_begun(Stream& stream, Buffer& buffer, Parser& parser, Moment begun);
    template <typename Stream>
    Task<bool> read_body(Stream& stream, Buffer& buffer, Parser& parser, Request& request, Moment begun);
    template <typename Stream>
    Task<bool> refuse(Stream& stream, Answer answer);
    template <typename Stream>
    Task<bool> respond(Stream& stream, const Response& response);
    Task<void> say_goodbye();
    Task<void> linger();

    Service& service_;
    Peer peer_;
    std::optional<Plain> plain_;
    std::optional<Secure> secure_;
    Moment last_end_ = std::chrono::steady_clock::now();  ///< of the request before, or the beginning
    bool begun_ = false;                                  ///< a request whose header has come is under way
    bool finishing_ = false;
    bool refused_ = false;  ///< the client may still be sending
};

}  // namespace signwatch::listener
