#include "tests/fakes/redis_server.hpp"

#include <array>
#include <chrono>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

namespace signwatch::testing {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds start_limit{30};

// An answer to PING, or nothing as long as nobody listens. NOAUTH is an answer as well: it waits for a password.
bool answers(const std::filesystem::path& path) {
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return false;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    std::array<char, 64> reply{};
    constexpr std::string_view ping = "PING\r\n";
    const bool answered = ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                          ::send(socket, ping.data(), ping.size(), MSG_NOSIGNAL) > 0 &&
                          ::recv(socket, reply.data(), reply.size() - 1, 0) > 0;
    ::close(socket);
    const std::string_view text(reply.data());
    return answered && (text.starts_with("+PONG") || text.starts_with("-NOAUTH"));
}

std::string content_of(const std::filesystem::path& path) {
    std::ostringstream content;
    content << std::ifstream(path).rdbuf();
    return content.str();
}

}  // namespace

RedisServer::RedisServer() : RedisServer(Options{}) {}

RedisServer::RedisServer(Options options) : options_(std::move(options)), port_(free_port()) {
    for (int attempt = 1;; ++attempt) {
        try {
            start();
            return;
        } catch (const std::runtime_error&) {
            if (attempt == 5) throw;
            port_ = free_port();  // somebody else may have taken it meanwhile
        }
    }
}

std::filesystem::path RedisServer::unix_socket() const {
    return directory_.path() / "redis.sock";
}

void RedisServer::start() {
    const auto log = directory_.path() / "redis.log";
    std::vector<std::string> arguments{"redis-server",
                                       "--port",
                                       std::to_string(port_),
                                       "--bind",
                                       "127.0.0.1",
                                       "--unixsocket",
                                       unix_socket(),
                                       "--dir",
                                       directory_.path(),
                                       "--save",
                                       "",
                                       "--appendonly",
                                       options_.append_only ? "yes" : "no",
                                       "--appendfsync",
                                       "always",
                                       "--enable-debug-command",
                                       "local"};
    arguments.insert(arguments.end(), options_.extra.begin(), options_.extra.end());
    kill();
    std::filesystem::remove(unix_socket());
    process_.emplace(arguments, log);
    const auto deadline = Clock::now() + start_limit;
    while (!answers(unix_socket())) {
        if (!process_->running()) throw std::runtime_error("redis-server ended at its start:\n" + content_of(log));
        if (Clock::now() >= deadline) throw std::runtime_error("redis-server does not answer:\n" + content_of(log));
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
}

void RedisServer::kill() {
    process_.reset();
}

std::string RedisServer::cli(const std::vector<std::string>& arguments) const {
    std::vector<std::string> command{"redis-cli", "-s", unix_socket()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const auto result = run(command);
    if (result.exit_code != 0) throw std::runtime_error("redis-cli failed: " + result.errors + result.output);
    return result.output;
}

}  // namespace signwatch::testing
