#include "tests/simulator/tls_connection.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <openssl/bio.h>
#include <openssl/err.h>

namespace signwatch::simulator {
namespace {

namespace asio = boost::asio;
using asio::use_awaitable;

constexpr std::size_t largest_record = 16'384;
constexpr std::size_t flush_at = 256 * 1024;

TlsConnection::Wire& wire_of(BIO* bio) {
    return *static_cast<TlsConnection::Wire*>(BIO_get_data(bio));
}

int take_outgoing(BIO* bio, const char* data, int size) {
    wire_of(bio).outgoing.append(data, static_cast<std::size_t>(size));
    return size;
}

int give_incoming(BIO* bio, char* data, int size) {
    TlsConnection::Wire& wire = wire_of(bio);
    BIO_clear_retry_flags(bio);
    const std::size_t count = std::min(static_cast<std::size_t>(size), wire.incoming.size() - wire.consumed);
    if (count == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    std::copy_n(wire.incoming.data() + wire.consumed, count, data);
    wire.consumed += count;
    return static_cast<int>(count);
}

long control(BIO*, int command, long, void*) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* wire_method() {
    static BIO_METHOD* const method = [] {
        BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wire");
        BIO_meth_set_write(made, take_outgoing);
        BIO_meth_set_read(made, give_incoming);
        BIO_meth_set_ctrl(made, control);
        return made;
    }();
    return method;
}

Handshake failure_in_queue() {
    for (unsigned long error = ERR_get_error(); error != 0; error = ERR_get_error()) {
        switch (ERR_GET_REASON(error)) {
            case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
                return Handshake::no_client_certificate;
            case SSL_R_CERTIFICATE_VERIFY_FAILED:
                return Handshake::unknown_client_certificate;
            default:
                break;
        }
    }
    return Handshake::failed;
}

[[noreturn]] void throw_end_of_file() {
    throw boost::system::system_error(asio::error::eof);
}

}  // namespace

TlsConnection::TlsConnection(asio::ip::tcp::socket socket, SSL_CTX* context)
    : Connection(std::move(socket)), ssl_(SSL_new(context)) {
    BIO* bio = ssl_ ? BIO_new(wire_method()) : nullptr;
    if (bio == nullptr) throw std::bad_alloc();
    BIO_set_data(bio, &wire_);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_accept_state(ssl_.get());
}

Task<Handshake> TlsConnection::accept() {
    try {
        for (;;) {
            ERR_clear_error();
            const int result = SSL_do_handshake(ssl_.get());
            const bool wants_more = result != 1 && SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ;
            const Handshake failure = result == 1 || wants_more ? Handshake::succeeded : failure_in_queue();
            co_await flush();
            if (!wants_more) co_return failure;
            co_await receive();
        }
    } catch (const boost::system::system_error&) {
        co_return Handshake::failed;
    }
}

Task<std::size_t> TlsConnection::read_some(asio::mutable_buffer space) {
    for (;;) {
        ERR_clear_error();
        const int count = SSL_read(ssl_.get(), space.data(), static_cast<int>(space.size()));
        if (count > 0) co_return static_cast<std::size_t>(count);
        if (SSL_get_error(ssl_.get(), count) != SSL_ERROR_WANT_READ) throw_end_of_file();
        co_await flush();
        co_await receive();
    }
}

Task<void> TlsConnection::write(std::string_view first, std::string_view second) {
    std::string start{first};
    start += second.substr(0, largest_record - std::min(largest_record, first.size()));
    std::string_view rest = second.substr(start.size() - first.size());
    encrypt(start);
    while (!rest.empty()) {
        const std::string_view piece = rest.substr(0, flush_at);
        encrypt(piece);
        rest.remove_prefix(piece.size());
        co_await flush();
    }
    co_await flush();
}

void TlsConnection::encrypt(std::string_view plain) {
    if (plain.empty()) return;
    ERR_clear_error();
    if (SSL_write(ssl_.get(), plain.data(), static_cast<int>(plain.size())) <= 0) throw_end_of_file();
}

Task<void> TlsConnection::receive() {
    wire_.incoming.erase(0, wire_.consumed);
    wire_.consumed = 0;
    const std::size_t kept = wire_.incoming.size();
    wire_.incoming.resize(kept + largest_record);
    const auto space = asio::buffer(wire_.incoming.data() + kept, largest_record);
    boost::system::error_code error;
    const std::size_t count = co_await socket_.async_read_some(space, asio::redirect_error(use_awaitable, error));
    wire_.incoming.resize(kept + count);
    if (error) throw boost::system::system_error(error);
}

Task<void> TlsConnection::flush() {
    if (wire_.outgoing.empty()) co_return;
    const auto bytes = asio::buffer(std::as_const(wire_.outgoing));
    co_await asio::async_write(socket_, bytes, use_awaitable);
    wire_.outgoing.clear();
}

}  // namespace signwatch::simulator
