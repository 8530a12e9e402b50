#include "daemon/listener/peer.hpp"

#include <memory>
#include <netinet/in.h>
#include <string_view>

#include <openssl/bio.h>
#include <openssl/x509.h>

#include "core/crypto/digest.hpp"
#include "core/crypto/encoding.hpp"

namespace signwatch::listener {
namespace {

std::string subject_of(X509* certificate) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
    if (!out || X509_NAME_print_ex(out.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253) < 0) return {};
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

std::string key_pin_of(X509* certificate) {
    unsigned char* der = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    if (size <= 0) return {};
    const crypto::Sha256Bytes digest =
        crypto::sha256({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
    OPENSSL_free(der);
    return "sha256//" + crypto::to_base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace

Peer peer_of(const boost::asio::generic::stream_protocol::socket& socket) {
    Peer peer;
    boost::system::error_code failed;
    const auto endpoint = socket.remote_endpoint(failed);
    if (failed) return peer;
    const auto* const any = static_cast<const sockaddr*>(endpoint.data());
    if (any->sa_family == AF_INET6) {
        const auto& bytes = reinterpret_cast<const sockaddr_in6*>(any)->sin6_addr.s6_addr;
        std::copy(std::begin(bytes), std::end(bytes), peer.address.emplace().begin());
    } else if (any->sa_family == AF_INET) {
        const auto& bytes = reinterpret_cast<const sockaddr_in*>(any)->sin_addr;
        const auto* const first = reinterpret_cast<const unsigned char*>(&bytes);
        peer.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
        std::copy(first, first + sizeof bytes, peer.address->begin() + 12);
    }
    return peer;
}

void read_certificate(const SSL& connection, Peer& peer) {
    X509* const certificate = SSL_get0_peer_certificate(&connection);
    if (certificate == nullptr || SSL_get_verify_result(&connection) != X509_V_OK) return;
    peer.certified = true;
    peer.key_pin = key_pin_of(certificate);
    peer.subject = subject_of(certificate);
}

}  // namespace signwatch::listener
