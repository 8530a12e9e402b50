#pragma once

#include <optional>
#include <string>

#include <boost/asio/generic/stream_protocol.hpp>
#include <openssl/ssl.h>

#include "core/config/network.hpp"

namespace signwatch::listener {

/// Who is at the other end of a connection.
struct Peer {
    std::optional<config::Address> address;  ///< absent: a Unix socket
    bool certified = false;                  ///< showed a certificate of the listener's client authorities
    std::string key_pin;                     ///< "sha256//" and the base64 of the SHA-256 of its public key (SPKI)
    std::string subject;                     ///< "CN=name,O=organisation", as RFC 2253 writes it
};

/// The address at the other end; the rest is empty.
Peer peer_of(const boost::asio::generic::stream_protocol::socket& socket);

/// Fills in the certificate that the client proved to have, if there is one.
void read_certificate(const SSL& connection, Peer& peer);

}  // namespace signwatch::listener
