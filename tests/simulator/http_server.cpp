#include "tests/simulator/http_server.hpp"

#include <chrono>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>

#include "tests/simulator/wire_time.hpp"

namespace signwatch::simulator {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::asio::use_awaitable;
using boost::asio::ip::tcp;
using Parser = http::request_parser<http::string_body>;

constexpr std::size_t read_size = 8192;
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

Call call_of(const http::request<http::string_body>& request) {
    return {.method = std::string_view{request.method_string()},
            .target = std::string_view{request.target()},
            .body = request.body(),
            .header = [&request](std::string_view name) {
                return std::string_view{request[boost::beast::string_view{name.data(), name.size()}]};
            }};
}

Task<void> read_request(Connection& connection, boost::beast::flat_buffer& buffer, Parser& parser) {
    parser.eager(true);
    for (bool starved = buffer.size() == 0; !parser.is_done();) {
        if (starved) {
            const std::size_t count = co_await connection.read_some(buffer.prepare(read_size));
            buffer.commit(count);
        }
        boost::system::error_code error;
        buffer.consume(parser.put(buffer.data(), error));
        starved = error == http::error::need_more || buffer.size() == 0;
        if (error && error != http::error::need_more) throw boost::system::system_error(error);
    }
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
        if (options_.tls != nullptr)
            asio::co_spawn(loop_, serve_tls(std::move(socket)), asio::detached);
        else
            asio::co_spawn(loop_, serve_plain(std::move(socket)), asio::detached);
    }
}

Task<void> HttpServer::serve_plain(tcp::socket socket) {
    Connection connection(std::move(socket));
    co_await converse(connection);
}

Task<void> HttpServer::serve_tls(tcp::socket socket) {
    TlsConnection connection(std::move(socket), options_.tls->native_handle());
    const Handshake outcome = co_await connection.accept();
    if (options_.handshake_done) options_.handshake_done(outcome);
    if (outcome == Handshake::succeeded) co_await converse(connection);
}

Task<void> HttpServer::converse(Connection& connection) {
    try {
        co_await answer_all(connection);
    } catch (const boost::system::system_error&) {
        // The client went away, or what it sent is no HTTP.
    }
    connection.cut();
}

Task<void> HttpServer::answer_all(Connection& connection) {
    boost::beast::flat_buffer buffer;
    for (bool keep_alive = true; keep_alive;) {
        Parser parser;
        parser.body_limit(options_.body_limit);
        co_await read_request(connection, buffer, parser);
        const auto& request = parser.get();
        keep_alive = request.keep_alive();
        const Call call = call_of(request);
        Reply reply = handler_(call);
        if (reply.later) {
            const auto later = std::move(reply.later);
            reply = co_await later();
        }
        if (options_.round_trip.count() > 0) co_await pause(options_.round_trip);
        const std::string head = head_of(reply, keep_alive);
        const bool complete = co_await send(connection, reply, head);
        if (!complete) co_return;
        if (reply.written) reply.written();
    }
}

Task<bool> HttpServer::send(Connection& connection, const Reply& reply, const std::string& head) {
    if (reply.delivery == Delivery::cut_before) co_return false;
    std::string_view body = reply.body();
    if (reply.delivery == Delivery::cut_in_body) body = body.substr(0, body.size() / 2);
    if (reply.delivery == Delivery::cut_after_headers || reply.delivery == Delivery::slow) body = {};
    co_await connection.write(head, body);
    if (reply.delivery == Delivery::slow) co_await drip(connection, reply.body());
    co_return reply.delivery == Delivery::whole || reply.delivery == Delivery::slow;
}

Task<void> HttpServer::drip(Connection& connection, std::string_view body) {
    const std::size_t size = body.size() / slow_pieces + 1;
    while (!body.empty()) {
        const std::string_view piece = body.substr(0, size);
        body.remove_prefix(piece.size());
        co_await pause(slow_pause);
        co_await connection.write(piece, "");
    }
}

Task<void> HttpServer::pause(microseconds duration) {
    asio::steady_timer timer(loop_, duration);
    co_await timer.async_wait(use_awaitable);
}

}  // namespace signwatch::simulator
