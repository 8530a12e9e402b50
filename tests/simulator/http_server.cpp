#include "tests/simulator/http_server.hpp"

#include <array>
#include <chrono>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>

#include "tests/simulator/wire_time.hpp"

namespace signwatch::simulator {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::asio::use_awaitable;
using boost::asio::ip::tcp;

constexpr std::size_t body_limit = 1 << 20;
constexpr std::size_t slow_pieces = 20;
constexpr std::chrono::milliseconds slow_pause{50};

/// The Date header line, made anew only when the second changes.
const std::string& date_line() {
    thread_local std::string line;
    thread_local std::int64_t line_second = -1;
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    const std::int64_t second = std::chrono::duration_cast<std::chrono::seconds>(wall).count();
    if (second != line_second) {
        line = "Date: " + http_date(std::chrono::seconds{second}) + "\r\n";
        line_second = second;
    }
    return line;
}

std::string head_of(const Reply& reply, bool keep_alive) {
    std::string head;
    head.reserve(320);
    head += "HTTP/1.1 ";
    head += std::to_string(reply.status);
    head += ' ';
    head += std::string_view{http::obsolete_reason(http::int_to_status(reply.status))};
    head += "\r\n";
    head += date_line();
    if (reply.status != 204) {
        head += "Content-Length: " + std::to_string(reply.body().size()) + "\r\n";
        if (!reply.body().empty()) (head += "Content-Type: ") += std::string{reply.content_type} + "\r\n";
    }
    if (!keep_alive) head += "Connection: close\r\n";
    head += reply.fields;
    head += "\r\n";
    return head;
}

Handshake outcome_of(const boost::system::error_code& error) {
    if (!error) return Handshake::succeeded;
    if (error.category() != asio::error::get_ssl_category()) return Handshake::failed;
    switch (ERR_GET_REASON(static_cast<unsigned long>(error.value()))) {
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
            return Handshake::no_client_certificate;
        case SSL_R_CERTIFICATE_VERIFY_FAILED:
            return Handshake::unknown_client_certificate;
        default:
            return Handshake::failed;
    }
}

void close(tcp::socket::lowest_layer_type& socket) {
    boost::system::error_code ignored;
    socket.shutdown(tcp::socket::shutdown_both, ignored);
    socket.close(ignored);
}

}  // namespace

HttpServer::HttpServer(asio::io_context& loop, Options options, CallHandler handler)
    : loop_(loop),
      options_(std::move(options)),
      handler_(std::move(handler)),
      acceptor_(loop, tcp::endpoint{asio::ip::address_v4::loopback(), options_.port}) {}

void HttpServer::start() {
    asio::co_spawn(loop_, accept_all(), asio::detached);
}

Task<void> HttpServer::accept_all() {
    for (;;) {
        boost::system::error_code error;
        tcp::socket socket = co_await acceptor_.async_accept(asio::redirect_error(use_awaitable, error));
        if (error == asio::error::operation_aborted) co_return;
        if (error) continue;
        socket.set_option(tcp::no_delay{true}, error);
        if (options_.tls != nullptr)
            asio::co_spawn(loop_, serve_tls(std::move(socket)), asio::detached);
        else
            asio::co_spawn(loop_, serve_plain(std::move(socket)), asio::detached);
    }
}

Task<void> HttpServer::serve_plain(tcp::socket socket) {
    try {
        co_await converse(socket);
    } catch (const boost::system::system_error&) {
        close(socket);
    }
}

Task<void> HttpServer::serve_tls(tcp::socket socket) {
    asio::ssl::stream<tcp::socket> stream(std::move(socket), *options_.tls);
    boost::system::error_code error;
    co_await stream.async_handshake(asio::ssl::stream_base::server, asio::redirect_error(use_awaitable, error));
    options_.handshake_done(outcome_of(error));
    if (error) co_return;
    try {
        co_await converse(stream);
    } catch (const boost::system::system_error&) {
        close(stream.next_layer());
    }
}

template <typename Stream>
Task<void> HttpServer::converse(Stream& stream) {
    boost::beast::flat_buffer buffer;
    for (bool keep_alive = true; keep_alive;) {
        http::request_parser<http::string_body> parser;
        parser.body_limit(body_limit);
        co_await http::async_read(stream, buffer, parser, use_awaitable);
        const auto& request = parser.get();
        keep_alive = request.keep_alive();
        const Reply reply = handler_(
            Call{std::string_view{request.method_string()}, std::string_view{request.target()}, request.body()});
        if (options_.round_trip.count() > 0) co_await pause(options_.round_trip);
        const std::string head = head_of(reply, keep_alive);
        const bool complete = co_await send(stream, reply, head);
        if (!complete) break;
        if (reply.written) reply.written();
    }
    close(stream.lowest_layer());
}

template <typename Stream>
Task<bool> HttpServer::send(Stream& stream, const Reply& reply, const std::string& head) {
    const std::string& body = reply.body();
    if (reply.delivery == Delivery::cut_before) co_return false;
    std::size_t size = body.size();
    if (reply.delivery == Delivery::cut_in_body) size /= 2;
    if (reply.delivery == Delivery::cut_after_headers || reply.delivery == Delivery::slow) size = 0;
    const std::array<asio::const_buffer, 2> pieces{asio::buffer(head), asio::buffer(body, size)};
    co_await asio::async_write(stream, pieces, use_awaitable);
    if (reply.delivery == Delivery::slow) co_await drip(stream, body);
    co_return reply.delivery == Delivery::whole || reply.delivery == Delivery::slow;
}

template <typename Stream>
Task<void> HttpServer::drip(Stream& stream, const std::string& body) {
    const std::size_t piece = body.size() / slow_pieces + 1;
    for (std::size_t sent = 0; sent < body.size(); sent += piece) {
        co_await pause(slow_pause);
        const auto part = asio::buffer(body.data() + sent, std::min(piece, body.size() - sent));
        co_await asio::async_write(stream, part, use_awaitable);
    }
}

Task<void> HttpServer::pause(microseconds duration) {
    asio::steady_timer timer(loop_, duration);
    co_await timer.async_wait(use_awaitable);
}

}  // namespace signwatch::simulator
