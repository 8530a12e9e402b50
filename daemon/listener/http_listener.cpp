#include "daemon/listener/http_listener.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/domain/error.hpp"
#include "core/runtime/task_group.hpp"
#include "daemon/listener/session.hpp"

namespace signwatch::listener {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using local = asio::local::stream_protocol;

template <typename Acceptor, typename Address>
void open(Acceptor& acceptor, const Address& endpoint) {
    acceptor.open(endpoint.protocol());
    if constexpr (std::is_same_v<Address, tcp::endpoint>) acceptor.set_option(tcp::acceptor::reuse_address(true));
    acceptor.bind(endpoint);
    acceptor.listen();
}

/// A socket file whose owner is gone is in the way; any other file, and a socket that somebody listens on, is not ours
/// to remove.
void remove_dead_socket(asio::any_io_executor loop, const std::string& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return;
    local::socket probe(std::move(loop));
    error_code failed;
    probe.connect(local::endpoint(path), failed);
    if (failed == asio::error::connection_refused) ::unlink(path.c_str());
}

}  // namespace

struct HttpListener::Parts {
    Parts(const asio::any_io_executor& executor, Service what)
        : loop(executor),
          service(std::move(what)),
          tasks(executor, [this](const std::string& task, const std::string& failure) { report(task, failure); }),
          tcp_acceptor(executor),
          local_acceptor(executor) {}

    void bind(const config::Endpoint& address);
    void report(const std::string& task, const std::string& failure) const {
        service.logger.error("a task failed", {{"task", task}, {"error", failure}});
    }
    template <typename Acceptor>
    Task<void> accept(Acceptor& acceptor);
    void take(asio::generic::stream_protocol::socket socket);
    std::string_view objection(const Peer& peer) const;
    void make_room();
    void forget(Session& session);
    Task<void> run(std::unique_ptr<Session> session);
    void stop_listening();

    asio::any_io_executor loop;
    Service service;
    std::optional<asio::ssl::context> tls;
    runtime::TaskGroup tasks;
    tcp::acceptor tcp_acceptor;
    local::acceptor local_acceptor;
    std::string socket_file;
    std::set<Session*> sessions;
    std::map<config::Address, std::size_t> per_address;  ///< connections
    bool stopping = false;
};

template <typename Acceptor>
Task<void> HttpListener::Parts::accept(Acceptor& acceptor) {
    asio::steady_timer pause(loop);
    while (!stopping) {
        error_code failed;
        auto token = asio::redirect_error(asio::use_awaitable, failed);
        auto socket = co_await acceptor.async_accept(token);
        if (stopping) break;
        if (!failed) {
            take(asio::generic::stream_protocol::socket(std::move(socket)));
            continue;
        }
        // Out of descriptors: the connection stays in the queue, so trying again at once would spin.
        pause.expires_after(std::chrono::milliseconds{100});
        co_await pause.async_wait(token);
    }
}

void HttpListener::Parts::take(asio::generic::stream_protocol::socket socket) {
    Peer peer = peer_of(socket);
    if (const std::string_view why = objection(peer); !why.empty()) {
        service.dropped(why);
        return;
    }
    make_room();
    if (peer.address) ++per_address[config::client_block(*peer.address)];
    auto session = std::make_unique<Session>(std::move(socket), std::move(peer), tls ? &*tls : nullptr, service);
    sessions.insert(session.get());
    tasks.spawn("connection", run(std::move(session)));
}

/// Why nobody may connect now; empty: they may.
std::string_view HttpListener::Parts::objection(const Peer& peer) const {
    const Limits& limits = service.limits;
    if (service.handlers.welcome && !service.handlers.welcome(peer)) return "not_welcome";
    const bool idle = limits.idle_give_way &&
                      std::ranges::any_of(sessions, [](const Session* one) { return one->idle_since().has_value(); });
    // Those that had to go take a turn of the loop to be gone.
    const std::size_t most = idle ? 2 * limits.connections : limits.connections;
    if (sessions.size() >= most) return "connection_limit";
    if (limits.connections_per_address == 0 || !peer.address) return {};
    const auto found = per_address.find(config::client_block(*peer.address));
    const bool full = found != per_address.end() && found->second >= limits.connections_per_address;
    return full ? "connections_of_address" : std::string_view();
}

void HttpListener::Parts::make_room() {
    if (sessions.size() < service.limits.connections) return;
    Session* oldest = nullptr;
    for (Session* const session : sessions) {
        const auto since = session->idle_since();
        if (since && (!oldest || since < oldest->idle_since())) oldest = session;
    }
    if (oldest) oldest->finish();
}

void HttpListener::Parts::forget(Session& session) {
    sessions.erase(&session);
    if (!session.peer().address) return;
    const auto found = per_address.find(config::client_block(*session.peer().address));
    if (--found->second == 0) per_address.erase(found);
}

Task<void> HttpListener::Parts::run(std::unique_ptr<Session> session) {
    try {
        co_await session->serve();
    } catch (const std::exception& failure) {
        report("connection", failure.what());
    }
    forget(*session);
}

void HttpListener::Parts::bind(const config::Endpoint& address) {
    if (!address.is_unix()) {
        const std::string host = address.host == "localhost" ? "127.0.0.1" : address.host;
        open(tcp_acceptor, tcp::endpoint(asio::ip::make_address(host), address.port));
        return;
    }
    remove_dead_socket(loop, address.unix_path);
    open(local_acceptor, local::endpoint(address.unix_path));
    socket_file = address.unix_path;
    constexpr mode_t owner_and_group = 0660;
    ::chmod(socket_file.c_str(), owner_and_group);
}

void HttpListener::Parts::stop_listening() {
    if (std::exchange(stopping, true)) return;
    error_code ignored;
    tcp_acceptor.close(ignored);
    local_acceptor.close(ignored);
    if (!socket_file.empty()) ::unlink(socket_file.c_str());
}

HttpListener::HttpListener(const asio::any_io_executor& loop,
                           const config::Endpoint& address,
                           telemetry::Logger logger,
                           Handlers handlers,
                           const Limits& limits)
    : parts_(std::make_unique<Parts>(
          loop, Service{std::move(handlers), limits, std::move(logger), BodyBudget(limits.bodies_bytes)})) {
    try {
        parts_->bind(address);
    } catch (const boost::system::system_error& error) {
        throw Error(
            ErrorKind::permanent, "listen", "cannot listen on " + address.text() + ": " + error.code().message());
    }
}

HttpListener::~HttpListener() = default;

void HttpListener::use(asio::ssl::context tls) {
    parts_->tls.emplace(std::move(tls));
}

void HttpListener::use(const Limits& limits) {
    parts_->service.limits = limits;
    parts_->service.bodies.set_most(limits.bodies_bytes);
}

void HttpListener::start() {
    if (parts_->tcp_acceptor.is_open())
        parts_->tasks.spawn("listener", parts_->accept(parts_->tcp_acceptor));
    else
        parts_->tasks.spawn("listener", parts_->accept(parts_->local_acceptor));
}

void HttpListener::drain() {
    parts_->stop_listening();
    for (Session* const session : parts_->sessions)
        session->finish();
}

void HttpListener::stop() {
    parts_->stop_listening();
    for (Session* const session : parts_->sessions) {
        session->finish();
        session->close();
    }
}

int HttpListener::port() const {
    return parts_->tcp_acceptor.is_open() ? parts_->tcp_acceptor.local_endpoint().port() : 0;
}

std::size_t HttpListener::connections() const {
    return parts_->sessions.size();
}

std::size_t HttpListener::held_bytes() const {
    return parts_->service.bodies.held();
}

}  // namespace signwatch::listener
