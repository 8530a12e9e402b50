#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tests/fakes/child_process.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::testing {

/// A private PostgreSQL cluster in a temporary directory, reached through a Unix socket there; its superuser is
/// "signwatch", without a password. PostgreSQL refuses to run as root: then it runs as the user "postgres".
class PostgresServer {
public:
    /// `extra`: further settings, "name=value".
    explicit PostgresServer(std::vector<std::string> extra = {});
    ~PostgresServer();
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;

    /// The directory of the socket: what libpq takes as the host. The port is always 5432.
    const std::filesystem::path& host() const { return directory_.path(); }

    /// Starts it (again) on the same data and returns when it answers.
    void start();
    /// As a crash: nothing is finished, and the next start recovers from the log.
    void stop_immediately();

    /// Makes a fresh database, a copy of `original`, and gives its name.
    std::string make_database(const std::string& original = "template0");

    /// What `psql -c SQL` prints, without headings. Throws if it takes longer than `timeout`.
    std::string sql(const std::string& database,
                    const std::string& statement,
                    std::chrono::milliseconds timeout = std::chrono::seconds{30}) const;

    /// The process that is the parent of all others of the cluster; it must have been started.
    pid_t pid() const { return process_->pid(); }

private:
    std::vector<std::string> as_owner(const std::string& program, std::vector<std::string> arguments) const;

    std::vector<std::string> extra_;
    TempDir directory_;
    std::optional<ChildProcess> process_;
    int databases_ = 0;
};

/// The one cluster of a test program: starting it takes a second.
PostgresServer& shared_postgres();

}  // namespace signwatch::testing
