#include "core/events/redis/transport.hpp"

#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "core/domain/error.hpp"

namespace signwatch::redis {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t read_size = 64 * 1024;

Error connect_error(const std::string& step, const error_code& cause) {
    return {ErrorKind::transient, "redis_connect", "cannot connect to Redis: " + step + ": " + cause.message()};
}

Error tls_error(const std::string& step, const error_code& cause) {
    return {ErrorKind::unauthorized, "redis_tls", "TLS with Redis failed: " + step + ": " + cause.message()};
}

// A refused client certificate shows up only here: TLS 1.3 ends the handshake before the server has looked at it.
Error io_error(const error_code& cause) {
    if (cause.category() == asio::error::get_ssl_category()) return tls_error("alert", cause);
    return {ErrorKind::transient, "redis_io", "the connection to Redis broke: " + cause.message()};
}

bool is_address(const std::string& name) {
    error_code failure;
    asio::ip::make_address(name, failure);
    return !failure;
}

asio::ssl::context make_tls_context(const Access& access) {
    asio::ssl::context context(asio::ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    context.set_verify_mode(asio::ssl::verify_peer);
    error_code failure;
    if (access.ca_file.empty())
        context.set_default_verify_paths(failure);
    else
        context.load_verify_file(access.ca_file, failure);
    if (failure) throw tls_error("ca_file", failure);
    if (access.certificate_file.empty()) return context;
    context.use_certificate_chain_file(access.certificate_file, failure);
    if (failure) throw tls_error("certificate_file", failure);
    context.use_private_key_file(access.key_file, asio::ssl::context::pem, failure);
    if (failure) throw tls_error("key_file", failure);
    return context;
}

}  // namespace

Transport::Transport(asio::any_io_executor loop, const Address& address, const Access& access)
    : address_(address), access_(access), resolver_(loop), socket_(std::move(loop)), room_(read_size) {}

Task<void> Transport::connect() {
    if (!address_.unix_socket.empty()) {
        co_await connect_unix();
        co_return;
    }
    co_await connect_tcp();
    if (access_.tls) co_await start_tls();
}

Task<void> Transport::connect_unix() {
    constexpr std::size_t longest = 107;  // sockaddr_un
    if (address_.unix_socket.size() > longest)
        throw connect_error("unix_socket", asio::error::make_error_code(asio::error::name_too_long));
    const asio::local::stream_protocol::endpoint endpoint(address_.unix_socket);
    error_code failure;
    auto token = asio::redirect_error(asio::use_awaitable, failure);
    co_await socket_.async_connect(endpoint, token);
    if (failure) throw connect_error("Unix socket", failure);
}

Task<void> Transport::connect_tcp() {
    error_code failure;
    auto token = asio::redirect_error(asio::use_awaitable, failure);
    const std::string port = std::to_string(address_.port);
    const auto found = co_await resolver_.async_resolve(address_.host, port, token);
    if (failure) throw connect_error("host name", failure);
    failure = asio::error::host_not_found;
    for (const auto& entry : found) {
        if (closed_) break;
        error_code ignored;
        socket_.close(ignored);
        const asio::ip::tcp::endpoint endpoint = entry.endpoint();
        co_await socket_.async_connect(endpoint, token);
        if (!failure) break;
    }
    if (failure) throw connect_error("TCP", failure);
    socket_.set_option(asio::ip::tcp::no_delay(true), failure);
    socket_.set_option(asio::socket_base::keep_alive(true), failure);
}

Task<void> Transport::start_tls() {
    const std::string& name = access_.server_name.empty() ? address_.host : access_.server_name;
    tls_context_.emplace(make_tls_context(access_));
    tls_.emplace(socket_, *tls_context_);
    tls_->set_verify_callback(asio::ssl::host_name_verification(name));
    if (!is_address(name)) SSL_set_tlsext_host_name(tls_->native_handle(), name.c_str());
    error_code failure;
    auto token = asio::redirect_error(asio::use_awaitable, failure);
    co_await tls_->async_handshake(asio::ssl::stream_base::client, token);
    if (!failure) co_return;
    if (failure.category() == asio::error::get_ssl_category()) throw tls_error("handshake", failure);
    throw connect_error("TLS", failure);
}

Task<void> Transport::write(std::string_view bytes) {
    const auto buffer = asio::buffer(bytes);
    error_code failure;
    auto token = asio::redirect_error(asio::use_awaitable, failure);
    if (tls_)
        co_await asio::async_write(*tls_, buffer, token);
    else
        co_await asio::async_write(socket_, buffer, token);
    if (failure) throw io_error(failure);
}

Task<std::string_view> Transport::read() {
    const auto buffer = asio::buffer(room_);
    error_code failure;
    auto token = asio::redirect_error(asio::use_awaitable, failure);
    std::size_t got = 0;
    if (tls_)
        got = co_await tls_->async_read_some(buffer, token);
    else
        got = co_await socket_.async_read_some(buffer, token);
    if (failure) throw io_error(failure);
    co_return std::string_view(room_.data(), got);
}

void Transport::close() noexcept {
    closed_ = true;
    resolver_.cancel();
    error_code ignored;
    socket_.close(ignored);
}

}  // namespace signwatch::redis
