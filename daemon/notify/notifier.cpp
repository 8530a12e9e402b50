#include "daemon/notify/notifier.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace signwatch::notify {
namespace {

constexpr std::size_t longest_status = 512;

struct SocketAddress {
    sockaddr_un address{};
    socklen_t length = 0;
};

SocketAddress socket_address(std::string_view name) {
    SocketAddress result;
    result.address.sun_family = AF_UNIX;
    std::memcpy(result.address.sun_path, name.data(), name.size());
    result.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    // An abstract name begins with a zero byte and has exactly its length; a path ends with one.
    if (name.front() == '@')
        result.address.sun_path[0] = '\0';
    else
        ++result.length;
    return result;
}

bool usable(std::string_view name) {
    const bool known_form = name.starts_with('/') || name.starts_with('@');
    return known_form && name.size() > 1 && name.size() < sizeof(sockaddr_un::sun_path);
}

std::string status_line(std::string_view text) {
    std::string line = "STATUS=" + std::string(text.substr(0, longest_status));
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return line;
}

std::string monotonic_usec() {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return std::to_string(time.tv_sec * 1'000'000 + time.tv_nsec / 1'000);
}

}  // namespace

Notifier::Notifier(std::string_view address) {
    if (!usable(address)) return;
    address_ = address;
    descriptor_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

Notifier::~Notifier() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Notifier::Notifier(Notifier&& other) noexcept
    : address_(std::move(other.address_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

Notifier Notifier::from_environment() {
    const char* const address = std::getenv("NOTIFY_SOCKET");
    Notifier notifier(address == nullptr ? "" : address);
    ::unsetenv("NOTIFY_SOCKET");
    return notifier;
}

bool Notifier::ready(std::string_view status) {
    return send("READY=1\n" + status_line(status));
}

bool Notifier::status(std::string_view text) {
    return send(status_line(text));
}

bool Notifier::reloading() {
    return send("RELOADING=1\nMONOTONIC_USEC=" + monotonic_usec());
}

bool Notifier::stopping(std::string_view status) {
    return send("STOPPING=1\n" + status_line(status));
}

bool Notifier::ping() {
    return send("WATCHDOG=1");
}

bool Notifier::extend_timeout(std::chrono::microseconds time) {
    return send("EXTEND_TIMEOUT_USEC=" + std::to_string(time.count()));
}

bool Notifier::send(const std::string& message) const {
    if (!active()) return false;
    const SocketAddress to = socket_address(address_);
    const auto* const address = reinterpret_cast<const sockaddr*>(&to.address);
    const ssize_t sent = ::sendto(descriptor_, message.data(), message.size(), MSG_NOSIGNAL, address, to.length);
    return sent == static_cast<ssize_t>(message.size());
}

}  // namespace signwatch::notify
