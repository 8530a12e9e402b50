#pragma once

#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <cstring>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

#include <gtest/gtest.h>

namespace signwatch::listener::testing {

constexpr int patience_ms = 20'000;

/// A blocking connection that speaks raw bytes.
class Client {
public:
    explicit Client(int port) : descriptor_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    }
    explicit Client(const std::string& path) : descriptor_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path.data(), path.size());
        EXPECT_EQ(::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    }
    ~Client() { ::close(descriptor_); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void send(const std::string& bytes) const { ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }

    /// What arrives until `end` is in it, or until the other side closes.
    std::string read_until(const std::string& end) {
        std::array<char, 4096> buffer{};
        while (end.empty() || received_.find(end) == std::string::npos) {
            pollfd waiting{descriptor_, POLLIN, 0};
            if (::poll(&waiting, 1, patience_ms) <= 0) {
                ADD_FAILURE() << "nothing came, after: " << received_;
                break;
            }
            const ssize_t size = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
            if (size <= 0) break;
            received_.append(buffer.data(), static_cast<std::size_t>(size));
        }
        return std::exchange(received_, {});
    }
    std::string read_all() { return read_until(""); }

private:
    int descriptor_;
    std::string received_;
};

}  // namespace signwatch::listener::testing
