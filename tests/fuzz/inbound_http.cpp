#include <cstring>
#include <memory>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/telemetry/telemetry_observer.hpp"
#include "daemon/inbound/inbound_fixture.hpp"
#include "tests/fuzz/promise.hpp"
#include "tests/fuzz/targets.hpp"

namespace signwatch::fuzz {
namespace {

using namespace std::chrono_literals;
using inbound::testing::EchoWebhooks;
using inbound::testing::MemoryInbox;

constexpr std::size_t piece = 4'096;

/// A socket's descriptor.
class Socket {
public:
    explicit Socket(const std::string& path) : descriptor_(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path.data(), path.size());
        expect(::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "it listens");
    }
    ~Socket() { ::close(descriptor_); }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    std::size_t send(std::string_view bytes) const {
        const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        return sent > 0 ? static_cast<std::size_t>(sent) : 0;
    }
    void end() const { ::shutdown(descriptor_, SHUT_WR); }
    /// Adds what has come; false when the other side has closed.
    bool receive(std::string& text) const {
        char buffer[piece];
        const ssize_t got = ::recv(descriptor_, buffer, sizeof buffer, 0);
        if (got > 0) text.append(buffer, static_cast<std::size_t>(got));
        return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
    }

private:
    int descriptor_;
};

/// The listener on a Unix socket, as behind a proxy; its loop turns only while an input is fed.
class FuzzedInbound {
public:
    FuzzedInbound() {
        config::InboundSettings settings;
        settings.off = false;
        settings.listen.unix_path = path_;
        settings.rate_per_address = 0;
        settings.rate_per_account = 0;
        arqsign::WebhookSettings arqsign;
        arqsign.hmac_key_file = folder_.write("hmac.key", inbound::testing::hmac_key).string();
        arqsign_ = std::make_unique<arqsign::ArqSignWebhooks>(arqsign);
        const config::WebhookDoor echo_door{"echo", "", "", {}, false, {}};
        const config::WebhookDoor arqsign_door{
            "arqsign", "/h?k=1", "", {*config::parse_network("10.0.0.0/8")}, false, {}};
        server_ = std::make_unique<inbound::InboundServer>(
            loop_.get_executor(),
            inbound::Adoption::read(
                settings,
                {{echo_door, ProviderKind::adobe_sign, &echo_}, {arqsign_door, ProviderKind::arqsign, arqsign_.get()}}),
            inbound::InboundParts{clock_, inbox_, observer_, metrics_, log_});
        server_->start();
    }

    /// What is answered to these bytes, and the end of the connection.
    std::string feed(std::string_view bytes) {
        const Socket socket(path_);
        std::string answers;
        bool open = true;
        while (open && !bytes.empty()) {
            bytes.remove_prefix(socket.send(bytes.substr(0, piece)));
            loop_.poll();
            open = socket.receive(answers);
        }
        socket.end();
        while (socket.receive(answers))
            loop_.run_one_for(1ms);
        while (server_->busy() > 0)
            loop_.run_one_for(1ms);
        expect(server_->held_bytes() == 0, "memory is given back");
        inbox_.kept.clear();
        inbox_.keys.clear();
        return answers;
    }

private:
    signwatch::testing::TempDir folder_;
    std::string path_ = (folder_.path() / "s").string();
    boost::asio::io_context loop_{1};
    runtime::SystemClock clock_{loop_.get_executor()};
    std::ostringstream out_;
    telemetry::Log log_{telemetry::LogFormat::json, telemetry::Level::error, out_};
    telemetry::Metrics metrics_{"1.0", log_};
    telemetry::TelemetryObserver observer_{metrics_, log_.logger("inbound"), clock_};
    MemoryInbox inbox_{loop_};
    EchoWebhooks echo_;
    std::unique_ptr<arqsign::ArqSignWebhooks> arqsign_;
    std::unique_ptr<inbound::InboundServer> server_;
};

}  // namespace

void inbound_http(std::string_view bytes) {
    // Never destroyed: the loop would have to turn once more.
    static FuzzedInbound& inbound = *new FuzzedInbound();
    const std::string answers = inbound.feed(bytes);
    expect(answers.empty() || answers.starts_with("HTTP/1.1 "), "whatever is said is HTTP");
    for (const char* const status : {"HTTP/1.1 401", "HTTP/1.1 403", "HTTP/1.1 404", "HTTP/1.1 5"}) {
        expect(answers.find(status) == std::string::npos, "nothing disables a webhook, and nothing fails");
    }
}

}  // namespace signwatch::fuzz
