#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace signwatch::testing {

/// A program run by a test; killed with SIGKILL and reaped when destroyed, and by the kernel if the test itself dies.
class ChildProcess {
public:
    /// Starts `arguments` (arguments[0] is looked up in PATH). Standard output and error go to `log` (created,
    /// appended; empty: /dev/null).
    explicit ChildProcess(const std::vector<std::string>& arguments, const std::filesystem::path& log = {});
    ~ChildProcess();
    ChildProcess(ChildProcess&& other) noexcept;
    ChildProcess& operator=(ChildProcess&& other) noexcept;

    pid_t pid() const { return pid_; }
    bool running();
    void signal(int number);

    /// The exit code, or minus the signal that ended it; nullopt if it still runs after `timeout`.
    std::optional<int> wait(std::chrono::milliseconds timeout);

    /// SIGKILL and wait.
    void kill();

private:
    pid_t pid_ = -1;
    std::optional<int> result_;
};

/// Runs a program to its end; throws if it takes longer than `timeout`.
struct RunResult {
    int exit_code = 0;
    std::string output;
    std::string errors;
};
RunResult run(const std::vector<std::string>& arguments, std::chrono::milliseconds timeout = std::chrono::seconds{30});

/// A TCP port of 127.0.0.1 that was free a moment ago.
int free_port();

}  // namespace signwatch::testing
