#pragma once

#include <memory>
#include <string>

#include <openssl/ssl.h>

#include "tests/simulator/connection.hpp"

namespace signwatch::simulator {

/// What became of a TLS handshake.
enum class Handshake { succeeded, no_client_certificate, unknown_client_certificate, failed };

/// The server's side of TLS between two buffers. A document of 200 kB is encrypted in one go and sent with one or two
/// calls of the kernel, where asio's own stream needs one for each record of 16 kB and a turn of the loop besides.
class TlsConnection : public Connection {
public:
    TlsConnection(boost::asio::ip::tcp::socket socket, SSL_CTX* context);

    /// Does not throw.
    Task<Handshake> accept();

    Task<std::size_t> read_some(boost::asio::mutable_buffer space) override;
    Task<void> write(std::string_view first, std::string_view second) override;

    /// What OpenSSL reads from and writes to.
    struct Wire {
        std::string incoming;
        std::size_t consumed = 0;
        std::string outgoing;
    };

private:
    Task<void> receive();
    Task<void> flush();
    void encrypt(std::string_view plain);

    struct Free {
        void operator()(SSL* ssl) const { SSL_free(ssl); }
    };
    Wire wire_;
    std::unique_ptr<SSL, Free> ssl_;
};

}  // namespace signwatch::simulator
