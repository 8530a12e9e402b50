#include "tests/fakes/postgres_proxy.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <poll.h>
#include <stdexcept>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace signwatch::testing {
namespace {

constexpr int round_ms = 50;

sockaddr_un address_in(const std::filesystem::path& directory) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = directory / ".s.PGSQL.5432";
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    return address;
}

int make_socket() {
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) throw std::runtime_error("no socket");
    return socket;
}

bool pass_on(int to, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

// A simple query, as libpqxx ends its transactions.
bool is_commit(std::string_view bytes) {
    using namespace std::string_view_literals;
    return bytes.find("COMMIT\0"sv) != std::string_view::npos;
}

}  // namespace

PostgresProxy::PostgresProxy(std::filesystem::path upstream)
    : upstream_(std::move(upstream)), listener_(make_socket()) {
    const sockaddr_un address = address_in(directory_.path());
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_, 16) != 0)
        throw std::runtime_error("the proxy cannot listen");
    thread_ = std::thread([this] { serve(); });
}

PostgresProxy::~PostgresProxy() {
    stopping_ = true;
    thread_.join();
    for (const Pair& pair : pairs_) {
        ::close(pair.client);
        ::close(pair.server);
    }
    ::close(listener_);
}

void PostgresProxy::serve() {
    while (!stopping_) {
        std::vector<pollfd> sockets{{listener_, POLLIN, 0}};
        for (const Pair& pair : pairs_) {
            sockets.push_back({pair.client, POLLIN, 0});
            sockets.push_back({pair.server, POLLIN, 0});
        }
        if (::poll(sockets.data(), sockets.size(), round_ms) <= 0) continue;
        for (std::size_t i = 0; i < pairs_.size(); ++i) {
            Pair& pair = pairs_[i];
            const bool alive = (sockets[2 * i + 1].revents == 0 || from_client(pair)) &&
                               (sockets[2 * i + 2].revents == 0 || from_server(pair));
            if (alive) continue;
            ::close(pair.client);
            ::close(pair.server);
            pair.client = -1;
        }
        std::erase_if(pairs_, [](const Pair& pair) { return pair.client < 0; });
        if (sockets[0].revents != 0) accept_client();
    }
}

void PostgresProxy::accept_client() {
    Pair pair;
    pair.client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    pair.server = make_socket();
    const sockaddr_un address = address_in(upstream_);
    if (::connect(pair.server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
        pairs_.push_back(pair);
    } else {
        ::close(pair.client);
        ::close(pair.server);
    }
}

bool PostgresProxy::from_client(Pair& pair) {
    std::array<char, 65536> buffer;
    const ssize_t count = ::recv(pair.client, buffer.data(), buffer.size(), 0);
    if (count <= 0) return false;
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
    if (fault_ != Fault::none && is_commit(bytes)) {
        const Fault fault = fault_.exchange(Fault::none);
        if (fault == Fault::lose_request) return false;
        pair.mute = true;
    }
    return pass_on(pair.server, bytes);
}

bool PostgresProxy::from_server(Pair& pair) {
    std::array<char, 65536> buffer;
    const ssize_t count = ::recv(pair.server, buffer.data(), buffer.size(), 0);
    if (count <= 0 || pair.mute) return false;
    return pass_on(pair.client, {buffer.data(), static_cast<std::size_t>(count)});
}

}  // namespace signwatch::testing
