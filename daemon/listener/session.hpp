#pragma once

#include <optional>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "core/telemetry/log.hpp"
#include "daemon/listener/exchange.hpp"

namespace signwatch::listener {

/// What every connection of a listener shares; outlives them.
struct Service {
    Handlers handlers;
    Limits limits;
    telemetry::Logger logger;
};

/// One connection, with or without TLS, from its first byte to its last. Event-loop thread.
class Session {
public:
    using Plain = boost::beast::basic_stream<boost::asio::generic::stream_protocol>;
    using Secure = boost::asio::ssl::stream<Plain>;

    /// `tls` null: without. Its time begins to run.
    Session(boost::asio::generic::stream_protocol::socket socket,
            boost::asio::ssl::context* tls,
            const Service& service);

    /// Returns when the connection has ended.
    Task<void> serve();

    /// Takes no further request: ends after the answer that is under way, at once if there is none.
    void finish();
    void close() { lowest().close(); }

private:
    using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
    using Response = boost::beast::http::response<boost::beast::http::string_body>;
    using Buffer = boost::beast::flat_buffer;

    Plain& lowest() { return secure_ ? secure_->next_layer() : *plain_; }

    template <typename Stream>
    Task<void> serve_on(Stream& stream);
    template <typename Stream>
    Task<bool> serve_one(Stream& stream, Buffer& buffer);
    template <typename Stream>
    Task<bool> wait_for_request(Stream& stream, Buffer& buffer);
    template <typename Stream>
    Task<bool> read_body(Stream& stream, Buffer& buffer, Parser& parser);
    template <typename Stream>
    Task<bool> refuse(Stream& stream, Answer answer);
    template <typename Stream>
    Task<bool> respond(Stream& stream, const Response& response);
    Task<void> say_goodbye();
    Task<void> linger();

    const Service& service_;
    std::optional<Plain> plain_;
    std::optional<Secure> secure_;
    bool answering_ = false;
    bool finishing_ = false;
    bool refused_ = false;  ///< the client may still be sending
};

}  // namespace signwatch::listener
