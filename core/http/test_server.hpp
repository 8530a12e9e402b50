#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "tests/fakes/test_pki.hpp"

namespace signwatch::http::testing {

struct ServerRequest {
    std::string head;  ///< request line and headers
    std::string body;
    std::string peer;  ///< common name of the client certificate, empty without one
};

/// What a script does with a connection after a request: it writes bytes as they are, so that they can be wrong.
class ServerConnection {
public:
    using Stream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket>;
    explicit ServerConnection(Stream& stream) : stream_(stream) {}

    /// False once the client has gone.
    bool write(std::string_view bytes);
    void answer(int status, std::string_view body, std::string_view headers = "");
    /// Says a proper TLS goodbye; without it the connection is simply cut.
    void close_notify();
    void close();
    bool open() const { return open_; }
    /// Waits until the client closes, or the server stops.
    void linger();

private:
    Stream& stream_;
    bool open_ = true;
};

/// An HTTPS server on loopback with a thread per connection, each answered by `script`. Destroying it closes all
/// connections.
class TestServer {
public:
    using Script = std::function<void(const ServerRequest&, ServerConnection&)>;

    struct Options {
        signwatch::testing::KeyPair pair;
        std::string client_ca;  ///< not empty: a client certificate of this authority is required
        int max_tls = 0;        ///< TLS1_2_VERSION or another; 0: the newest
    };

    TestServer(const Options& options, Script script);
    ~TestServer();

    unsigned short port() const { return port_; }
    std::string origin(const std::string& host = "localhost") const;
    int connections() const { return connections_; }  ///< TCP connections accepted
    int handshakes() const { return handshakes_; }    ///< TLS handshakes completed
    int requests() const { return requests_; }
    ServerRequest last() const;

private:
    void accept();
    void serve(boost::asio::ip::tcp::socket socket);
    bool read_request(ServerConnection::Stream& stream, std::string& buffer, ServerRequest& request);

    Script script_;
    boost::asio::io_context context_;
    boost::asio::ssl::context tls_{boost::asio::ssl::context::tls_server};
    boost::asio::ip::tcp::acceptor acceptor_;
    unsigned short port_ = 0;
    std::atomic<int> connections_ = 0;
    std::atomic<int> handshakes_ = 0;
    std::atomic<int> requests_ = 0;
    mutable std::mutex mutex_;
    bool stopping_ = false;
    ServerRequest last_;
    std::list<int> sockets_;
    std::vector<std::thread> threads_;
    std::thread acceptor_thread_;
};

}  // namespace signwatch::http::testing
