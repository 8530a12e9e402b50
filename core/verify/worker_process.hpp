#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>

#include "core/domain/document.hpp"

namespace signwatch::verify {

/// One signwatch-verifier process and our end of its socket. One caller at a time, from any thread; killed and reaped
/// when destroyed. It also dies with the thread that started it, so that thread should live as long as the pool.
class WorkerProcess {
public:
    /// Starts it and waits until it is jailed. Throws Error(transient, "verifier_down").
    WorkerProcess(const std::filesystem::path& executable, std::chrono::milliseconds timeout);
    ~WorkerProcess();
    WorkerProcess(WorkerProcess&& other) noexcept;
    WorkerProcess& operator=(WorkerProcess&& other) noexcept;

    /// Sends a document; false: the process was gone before it saw it.
    bool send(DocumentKind kind, int descriptor, std::uint64_t size);

    /// The answer as it came. Throws Error: integrity "verifier_crashed" when the process ended over the document,
    /// transient "verifier_down" when the time is over. After either, the process is of no further use.
    std::string receive(std::chrono::milliseconds timeout);

    int documents() const { return documents_; }  ///< sent so far
    pid_t pid() const { return pid_; }

private:
    void end() noexcept;

    pid_t pid_ = -1;
    int socket_ = -1;
    int documents_ = 0;
};

}  // namespace signwatch::verify
