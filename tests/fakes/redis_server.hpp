#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tests/fakes/child_process.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::testing {

/// A private redis-server on a free port of 127.0.0.1 and a Unix socket, without persistence unless asked for.
class RedisServer {
public:
    struct Options {
        bool append_only = false;
        std::vector<std::string> extra;  ///< further command-line arguments of redis-server
    };

    RedisServer();
    explicit RedisServer(Options options);

    int port() const { return port_; }
    std::filesystem::path unix_socket() const;
    const std::filesystem::path& directory() const { return directory_.path(); }

    /// Starts it (again) on the same port and directory and returns when it answers PING.
    void start();
    /// SIGKILL: what was not persisted is lost.
    void kill();

    /// What `redis-cli ARGUMENTS` prints.
    std::string cli(const std::vector<std::string>& arguments) const;

private:
    Options options_;
    TempDir directory_;
    int port_;
    std::optional<ChildProcess> process_;
};

}  // namespace signwatch::testing
