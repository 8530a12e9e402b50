#include "tests/fakes/postgres_server.hpp"

#include <chrono>
#include <csignal>
#include <fstream>
#include <pwd.h>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <unistd.h>

namespace signwatch::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* unprivileged = "postgres";

std::filesystem::path program_directory() {
    std::filesystem::path newest;
    for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql")) {
        const std::filesystem::path programs = version.path() / "bin";
        if (std::filesystem::exists(programs / "initdb") && programs > newest) newest = programs;
    }
    if (newest.empty()) throw std::runtime_error("PostgreSQL is not installed: deploy/install-packages postgres");
    return newest;
}

std::string content_of(const std::filesystem::path& path) {
    std::ostringstream content;
    content << std::ifstream(path).rdbuf();
    return content.str();
}

}  // namespace

PostgresServer::PostgresServer(std::vector<std::string> extra) : extra_(std::move(extra)) {
    if (::getuid() == 0) {
        const passwd* const user = ::getpwnam(unprivileged);
        if (user == nullptr || ::chown(directory_.path().c_str(), user->pw_uid, user->pw_gid) != 0)
            throw std::runtime_error("there is no user postgres that PostgreSQL could run as");
    }
    const auto made = run(as_owner("initdb",
                                   {"-D",
                                    directory_.path() / "data",
                                    "-U",
                                    "signwatch",
                                    "-A",
                                    "trust",
                                    "-E",
                                    "UTF8",
                                    "--locale=C",
                                    "--no-sync"}),
                          seconds{120});
    if (made.exit_code != 0) throw std::runtime_error("initdb failed: " + made.errors);
    start();
}

PostgresServer::~PostgresServer() {
    stop_immediately();
}

std::vector<std::string> PostgresServer::as_owner(const std::string& program,
                                                  std::vector<std::string> arguments) const {
    std::vector<std::string> command;
    if (::getuid() == 0) {
        command = {
            "setpriv", "--reuid", unprivileged, "--regid", unprivileged, "--clear-groups", "--pdeathsig", "KILL"};
    }
    command.push_back(program_directory() / program);
    command.insert(command.end(), arguments.begin(), arguments.end());
    return command;
}

void PostgresServer::start() {
    stop_immediately();
    const auto log = directory_.path() / "postgres.log";
    std::vector<std::string> arguments{"-D", directory_.path() / "data", "-k", directory_.path()};
    std::vector<std::string> settings{
        "listen_addresses=", "shared_buffers=32MB", "max_connections=200", "log_min_messages=warning", "jit=off"};
    settings.insert(settings.end(), extra_.begin(), extra_.end());
    for (const std::string& each : settings) {
        arguments.push_back("-c");
        arguments.push_back(each);
    }
    process_.emplace(as_owner("postgres", arguments), log);
    const auto deadline = std::chrono::steady_clock::now() + seconds{60};
    while (run({program_directory() / "pg_isready", "-q", "-h", directory_.path()}).exit_code != 0) {
        if (!process_->running()) throw std::runtime_error("PostgreSQL ended at its start:\n" + content_of(log));
        if (std::chrono::steady_clock::now() > deadline)
            throw std::runtime_error("PostgreSQL does not answer:\n" + content_of(log));
        std::this_thread::sleep_for(milliseconds{20});
    }
}

void PostgresServer::stop_immediately() {
    if (!process_) return;
    process_->signal(SIGQUIT);
    process_->wait(seconds{30});
    process_.reset();
}

std::string PostgresServer::make_database(const std::string& original) {
    const std::string name = "test" + std::to_string(++databases_);
    sql("postgres", "CREATE DATABASE " + name + " TEMPLATE " + original);
    return name;
}

std::string PostgresServer::sql(const std::string& database, const std::string& statement, milliseconds timeout) const {
    const auto result = run({program_directory() / "psql",
                             "-X",
                             "-q",
                             "-A",
                             "-t",
                             "-v",
                             "ON_ERROR_STOP=1",
                             "-h",
                             directory_.path(),
                             "-U",
                             "signwatch",
                             "-d",
                             database,
                             "-c",
                             statement},
                            timeout);
    if (result.exit_code != 0) throw std::runtime_error("psql failed: " + result.errors);
    return result.output.substr(0, result.output.find_last_not_of('\n') + 1);
}

PostgresServer& shared_postgres() {
    static PostgresServer server;
    return server;
}

}  // namespace signwatch::testing
