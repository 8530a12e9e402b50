#include "daemon/listener/session.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/write.hpp>

namespace signwatch::listener {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using Response = http::response<http::string_body>;

constexpr std::size_t first_read = 2048;
constexpr std::chrono::seconds linger_time{1};
constexpr std::size_t least_lingering = 128 * 1024;
constexpr std::string_view go_on_sending = "HTTP/1.1 100 Continue\r\n\r\n";

std::string text_of(beast::string_view view) {
    return {view.data(), view.size()};
}

template <typename Message>
Request request_of(const Message& message) {
    Request request;
    request.method = text_of(message.method_string());
    request.target = text_of(message.target());
    request.content_type = text_of(message[http::field::content_type]);
    request.authorization = text_of(message[http::field::authorization]);
    return request;
}

Response make_response(Answer answer, unsigned version, bool keep_alive, bool head) {
    Response response(static_cast<http::status>(answer.status), version);
    const bool no_content = answer.status == 204;
    if (!no_content) response.set(http::field::content_type, answer.content_type);
    response.set(http::field::cache_control, "no-store");
    response.set("X-Content-Type-Options", "nosniff");
    if (!answer.allow.empty()) response.set(http::field::allow, answer.allow);
    if (!answer.challenge.empty()) response.set(http::field::www_authenticate, answer.challenge);
    response.keep_alive(keep_alive);
    if (!no_content) response.content_length(answer.body.size());
    if (!head && !no_content) response.body() = std::move(answer.body);
    return response;
}

int status_of(const error_code& error) {
    if (error == http::error::header_limit) return 431;
    return error == http::error::body_limit ? 413 : 400;
}

bool is_protocol_error(const error_code& error) {
    return error.category() == http::make_error_code(http::error::bad_method).category() &&
           error != http::error::end_of_stream && error != http::error::partial_message;
}

}  // namespace

Session::Session(asio::generic::stream_protocol::socket socket, asio::ssl::context* tls, const Service& service)
    : service_(service) {
    Plain plain(std::move(socket));
    if (tls)
        secure_.emplace(std::move(plain), *tls);
    else
        plain_.emplace(std::move(plain));
    lowest().expires_after(service_.limits.request_time);
}

void Session::finish() {
    finishing_ = true;
    if (!answering_) close();
}

Task<void> Session::serve() {
    if (plain_) {
        co_await serve_on(*plain_);
    } else {
        error_code failed;
        auto token = asio::redirect_error(asio::use_awaitable, failed);
        co_await secure_->async_handshake(asio::ssl::stream_base::server, token);
        if (failed) {
            service_.logger.info("a TLS handshake failed", {{"error", failed.message()}});
            co_return;
        }
        co_await serve_on(*secure_);
        co_await say_goodbye();
    }
    if (refused_) co_await linger();
}

template <typename Stream>
Task<void> Session::serve_on(Stream& stream) {
    Buffer buffer(service_.limits.header_bytes + service_.limits.body_bytes);
    bool go_on = true;
    while (go_on && !finishing_) {
        go_on = co_await serve_one(stream, buffer);
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

    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(service_.limits.header_bytes));
    parser.body_limit(service_.limits.body_bytes);
    lowest().expires_after(service_.limits.request_time);
    error_code failed;
    auto token = asio::redirect_error(asio::use_awaitable, failed);
    co_await http::async_read_header(stream, buffer, parser, token);
    if (failed && !is_protocol_error(failed)) co_return false;
    std::optional<Answer> refusal;
    Request request;
    if (failed)
        refusal = service_.handlers.refuse(status_of(failed));
    else
        request = request_of(parser.get());
    if (!refusal && service_.handlers.admit) refusal = service_.handlers.admit(request);
    if (refusal) {
        Answer answer = std::move(*refusal);
        co_return co_await refuse(stream, std::move(answer));
    }
    const bool whole = co_await read_body(stream, buffer, parser);
    if (!whole) co_return false;
    request.body = std::move(parser.get().body());

    if (finishing_) co_return false;
    answering_ = true;
    const bool head = parser.get().method() == http::verb::head;
    Answer answer = co_await service_.handlers.answer(std::move(request));
    const bool keep_alive = parser.get().keep_alive() && !finishing_;
    const Response response = make_response(std::move(answer), parser.get().version(), keep_alive, head);
    const bool sent = co_await respond(stream, response);
    answering_ = false;
    co_return sent&& response.keep_alive();
}

template <typename Stream>
Task<bool> Session::read_body(Stream& stream, Buffer& buffer, Parser& parser) {
    error_code failed;
    auto token = asio::redirect_error(asio::use_awaitable, failed);
    if (!parser.is_done() && beast::iequals(parser.get()[http::field::expect], "100-continue")) {
        const auto interim = asio::buffer(go_on_sending);
        co_await asio::async_write(stream, interim, token);
    }
    if (!failed && !parser.is_done()) co_await http::async_read(stream, buffer, parser, token);
    if (failed && is_protocol_error(failed)) {
        Answer answer = service_.handlers.refuse(status_of(failed));
        co_return co_await refuse(stream, std::move(answer));
    }
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
