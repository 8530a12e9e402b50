#include "core/http/test_server.hpp"

#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <openssl/x509.h>

namespace signwatch::http::testing {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

std::string common_name(SSL* ssl) {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl), &X509_free);
    char name[256] = "";
    if (certificate)
        X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name, sizeof name);
    return name;
}

std::size_t content_length(const std::string& head) {
    const auto at = head.find("Content-Length: ");
    return at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
}

}  // namespace

bool ServerConnection::write(std::string_view bytes) {
    boost::system::error_code error;
    asio::write(stream_, asio::buffer(bytes), error);
    if (error) open_ = false;
    return open_;
}

void ServerConnection::answer(int status, std::string_view body, std::string_view headers) {
    std::string text =
        "HTTP/1.1 " + std::to_string(status) + " x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    text.append(headers).append("\r\n").append(body);
    write(text);
}

void ServerConnection::close_notify() {
    boost::system::error_code ignored;
    stream_.shutdown(ignored);
    close();
}

void ServerConnection::close() {
    open_ = false;
}

void ServerConnection::linger() {
    boost::system::error_code error;
    char byte = 0;
    while (!error)
        asio::read(stream_, asio::buffer(&byte, 1), error);
    open_ = false;
}

TestServer::TestServer(const Options& options, Script script) : script_(std::move(script)), acceptor_(context_) {
    tls_.use_certificate_chain(asio::buffer(options.pair.certificate_pem));
    tls_.use_private_key(asio::buffer(options.pair.key_pem), asio::ssl::context::pem);
    if (options.max_tls != 0) {
        SSL_CTX_set_max_proto_version(tls_.native_handle(), options.max_tls);
        SSL_CTX_set_min_proto_version(tls_.native_handle(), options.max_tls);
        SSL_CTX_set_cipher_list(tls_.native_handle(), "DEFAULT@SECLEVEL=0");
    }
    if (!options.client_ca.empty()) {
        tls_.add_certificate_authority(asio::buffer(options.client_ca));
        tls_.set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
    }
    const tcp::endpoint loopback(asio::ip::address_v4::loopback(), 0);
    acceptor_.open(loopback.protocol());
    acceptor_.bind(loopback);
    acceptor_.listen();
    port_ = acceptor_.local_endpoint().port();
    acceptor_thread_ = std::thread([this] { accept(); });
}

TestServer::~TestServer() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        for (const int socket : sockets_)
            ::shutdown(socket, SHUT_RDWR);
    }
    ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
    acceptor_thread_.join();
    for (auto& thread : threads_)
        thread.join();
}

std::string TestServer::origin(const std::string& host) const {
    return "https://" + host + ":" + std::to_string(port_);
}

ServerRequest TestServer::last() const {
    const std::lock_guard lock(mutex_);
    return last_;
}

void TestServer::accept() {
    for (;;) {
        boost::system::error_code error;
        tcp::socket socket = acceptor_.accept(error);
        const std::lock_guard lock(mutex_);
        if (error || stopping_) return;
        ++connections_;
        sockets_.push_back(socket.native_handle());
        threads_.emplace_back(
            [this, moved = std::make_shared<tcp::socket>(std::move(socket))] { serve(std::move(*moved)); });
    }
}

void TestServer::serve(tcp::socket socket) {
    const int native = socket.native_handle();
    socket.set_option(tcp::no_delay(true));
    ServerConnection::Stream stream(std::move(socket), tls_);
    boost::system::error_code error;
    stream.handshake(asio::ssl::stream_base::server, error);
    ServerConnection connection(stream);
    std::string buffer;
    if (!error) ++handshakes_;
    while (!error && connection.open()) {
        ServerRequest request;
        if (!read_request(stream, buffer, request)) break;
        {
            const std::lock_guard lock(mutex_);
            last_ = request;
        }
        ++requests_;
        script_(request, connection);
    }
    const std::lock_guard lock(mutex_);
    sockets_.remove(native);
    stream.lowest_layer().close(error);
}

bool TestServer::read_request(ServerConnection::Stream& stream, std::string& buffer, ServerRequest& request) {
    boost::system::error_code error;
    const std::size_t head = asio::read_until(stream, asio::dynamic_buffer(buffer), "\r\n\r\n", error);
    if (error) return false;
    request.head = buffer.substr(0, head);
    buffer.erase(0, head);
    const std::size_t length = content_length(request.head);
    if (buffer.size() < length) {
        asio::read(stream, asio::dynamic_buffer(buffer), asio::transfer_exactly(length - buffer.size()), error);
    }
    request.body = buffer.substr(0, length);
    buffer.erase(0, length);
    request.peer = common_name(stream.native_handle());
    return !error;
}

}  // namespace signwatch::http::testing
