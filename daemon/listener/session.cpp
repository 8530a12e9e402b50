#include "daemon/listener/session.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/write.hpp>

namespace signwatch::listener {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t first_read = 2048;
constexpr std::chrono::seconds linger_time{1};
constexpr std::size_t least_lingering = 128 * 1024;
constexpr std::string_view go_on_sending = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

Session::Session(asio::generic::stream_protocol::socket socket, Peer peer, asio::ssl::context* tls, Service& service)
    : service_(service), peer_(std::move(peer)) {
    Plain plain(std::move(socket));
    if (tls)
        secure_.emplace(std::move(plain), *tls);
    else
        plain_.emplace(std::move(plain));
    lowest().expires_after(header_time());
}

milliseconds Session::header_time() const {
    const Limits& limits = service_.limits;
    return limits.header_time.count() > 0 ? std::min(limits.header_time, limits.request_time) : limits.request_time;
}

// So a trickle of bytes keeps a connection no longer than its bytes are worth.
Session::Moment Session::end_of_body(Moment begun, std::size_t received) const {
    const Limits& limits = service_.limits;
    const Moment end = begun + limits.request_time;
    if (limits.least_body_rate == 0) return end;
    const milliseconds worth{received * 1'000 / limits.least_body_rate};
    return std::min(end, begun + 2 * header_time() + worth);
}

std::optional<Session::Moment> Session::idle_since() const {
    return begun_ || finishing_ ? std::nullopt : std::optional(last_end_);
}

void Session::finish() {
    finishing_ = true;
    if (!begun_) close();
}

Task<void> Session::serve() {
    if (plain_) {
        co_await serve_on(*plain_);
    } else {
        const bool trusted = co_await shake_hands();
        if (!trusted) co_return;
        co_await serve_on(*secure_);
        co_await say_goodbye();
    }
    if (refused_) co_await linger();
}

Task<bool> Session::shake_hands() {
    error_code failed;
    auto token = asio::redirect_error(asio::use_awaitable, failed);
    co_await secure_->async_handshake(asio::ssl::stream_base::server, token);
    if (failed) {
        service_.logger.info("a TLS handshake failed", {{"error", failed.message()}});
        service_.dropped(failed == beast::error::timeout ? "slow" : "tls");
        co_return false;
    }
    read_certificate(*secure_->native_handle(), peer_);
    co_return true;
}

template <typename Stream>
Task<void> Session::serve_on(Stream& stream) {
    Buffer buffer(service_.limits.header_bytes + service_.limits.body_bytes);
    bool go_on = true;
    while (go_on && !finishing_) {
        go_on = co_await serve_one(stream, buffer);
        begun_ = false;
        last_end_ = steady_clock::now();
        lowest().expires_after(service_.limits.idle_time);
    }
}

template <typename Stream>
Task<bool> Session::wait_for_request(Stream& stream, Buffer& buffer) {
    if (buffer.size() > 0) co_return true;
    error_code failed;
    auto token = asio::redirect_error(asio::use_awaitable, failed);
    auto space = buffer.prepare(first_read);
    const std::size_t size = co_await stream.async_read_some(space, token);
    buffer.commit(size);
    co_return !failed;
}

template <typename Stream>
Task<bool> Session::serve_one(Stream& stream, Buffer& buffer) {
    const bool begun = co_await wait_for_request(stream, buffer);
    if (!begun) co_return false;

    const Moment start = steady_clock::now();
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(service_.limits.header_bytes));
    parser.body_limit(service_.limits.body_bytes);
    lowest().expires_at(start + header_time());
    error_code failed;
    auto token = asio::redirect_error(asio::use_awaitable, failed);
    co_await http::async_read_header(stream, buffer, parser, token);
    if (failed == beast::error::timeout) service_.dropped("slow");
    if (failed && !is_protocol_error(failed)) co_return false;
    begun_ = true;
    if (failed) {
        Answer answer = service_.handlers.refuse(status_of(failed));
        co_return co_await refuse(stream, std::move(answer));
    }
    co_return co_await serve_begun(stream, buffer, parser, start);
}

template <typename Stream>
Task<bool> Session::serve_begun(Stream& stream, Buffer& buffer, Parser& parser, Moment begun) {
    Request request = request_of(parser.get());
    request.peer = &peer_;
    request.share = BodyShare(service_.bodies);
    std::optional<Answer> refusal;
    if (service_.handlers.admit) refusal = service_.handlers.admit(request);
    if (refusal) {
        Answer answer = std::move(*refusal);
        co_return co_await refuse(stream, std::move(answer));
    }
    const bool whole = co_await read_body(stream, buffer, parser, request, begun);
    if (!whole) co_return false;

    const bool head = parser.get().method() == http::verb::head;
    Answer answer = co_await service_.handlers.answer(std::move(request));
    const bool keep_alive = parser.get().keep_alive() && !finishing_;
    const Response response = make_response(std::move(answer), parser.get().version(), keep_alive, head);
    const bool sent = co_await respond(stream, response);
    co_return sent&& response.keep_alive();
}

template <typename Stream>
Task<bool> Session::read_body(Stream& stream, Buffer& buffer, Parser& parser, Request& request, Moment begun) {
    error_code failed;
    auto token = asio::redirect_error(asio::use_awaitable, failed);
    lowest().expires_at(end_of_body(begun, 0));
    bool fits = true;
    if (!parser.is_done() && beast::iequals(parser.get()[http::field::expect], "100-continue")) {
        const auto interim = asio::buffer(go_on_sending);
        co_await asio::async_write(stream, interim, token);
    }
    parser.eager(true);
    while (!failed && fits && !parser.is_done()) {
        co_await http::async_read_some(stream, buffer, parser, token);
        const std::size_t received = parser.get().body().size();
        lowest().expires_at(end_of_body(begun, received));
        fits = request.share.grow(received);
    }
    if (!fits || is_protocol_error(failed)) {
        Answer answer = service_.handlers.refuse(fits ? status_of(failed) : 503);
        co_return co_await refuse(stream, std::move(answer));
    }
    if (failed == beast::error::timeout) service_.dropped("slow");
    request.body = std::move(parser.get().body());
    co_return !failed;
}

/// False, for what is to happen to the connection.
template <typename Stream>
Task<bool> Session::refuse(Stream& stream, Answer answer) {
    refused_ = true;
    const Response response = make_response(std::move(answer), 11, false, false);
    co_await respond(stream, response);
    co_return false;
}

template <typename Stream>
Task<bool> Session::respond(Stream& stream, const Response& response) {
    lowest().expires_after(service_.limits.answer_time);
    error_code failed;
    auto token = asio::redirect_error(asio::use_awaitable, failed);
    co_await http::async_write(stream, response, token);
    co_return !failed;
}

Task<void> Session::say_goodbye() {
    lowest().expires_after(linger_time);
    error_code ignored;
    auto token = asio::redirect_error(asio::use_awaitable, ignored);
    co_await secure_->async_shutdown(token);
}

// Closing with unread bytes would reset the connection and take the answer with it.
Task<void> Session::linger() {
    error_code failed;
    lowest().socket().shutdown(asio::socket_base::shutdown_send, failed);
    lowest().expires_after(linger_time);
    auto token = asio::redirect_error(asio::use_awaitable, failed);
    std::array<char, 4 * first_read> ignored{};
    const auto space = asio::buffer(ignored);
    std::size_t rest = least_lingering + 2 * service_.limits.body_bytes;
    while (rest > 0 && !failed) {
        const std::size_t size = co_await lowest().async_read_some(space, token);
        rest -= std::min(rest, size);
    }
}

}  // namespace signwatch::listener
