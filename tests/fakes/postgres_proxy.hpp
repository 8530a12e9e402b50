#pragma once

#include <atomic>
#include <filesystem>
#include <thread>
#include <vector>

#include "tests/fakes/temp_dir.hpp"

namespace signwatch::testing {

/// Stands between a client and PostgreSQL, on a Unix socket of its own, and can lose what matters about one COMMIT.
class PostgresProxy {
public:
    enum class Fault {
        none,
        lose_reply,    ///< the server commits; its reply never arrives, and the connection is gone
        lose_request,  ///< the server never hears of it, and the connection is gone
    };

    /// `upstream`: the directory of the server's socket.
    explicit PostgresProxy(std::filesystem::path upstream);
    ~PostgresProxy();
    PostgresProxy(const PostgresProxy&) = delete;
    PostgresProxy& operator=(const PostgresProxy&) = delete;

    /// What libpq takes as the host.
    const std::filesystem::path& host() const { return directory_.path(); }

    /// Happens to the next COMMIT, once.
    void lose_next(Fault fault) { fault_ = fault; }
    bool has_lost() const { return fault_ == Fault::none; }

private:
    struct Pair {
        int client = -1;
        int server = -1;
        bool mute = false;  ///< the next reply is the one to be lost
    };

    void serve();
    void accept_client();
    bool from_client(Pair& pair);
    bool from_server(Pair& pair);

    std::filesystem::path upstream_;
    TempDir directory_;
    int listener_ = -1;
    std::vector<Pair> pairs_;
    std::atomic<Fault> fault_{Fault::none};
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace signwatch::testing
