#include "core/verify/worker_process.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "core/domain/error.hpp"
#include "core/verify/refuse.hpp"
#include "core/verify/worker_protocol.hpp"

namespace signwatch::verify {
namespace {

using Deadline = std::chrono::steady_clock::time_point;

[[noreturn]] void down(const char* why) {
    throw Error(ErrorKind::transient, "verifier_down", why);
}

/// posix_spawn's two descriptions of the child.
struct SpawnPlan {
    SpawnPlan() {
        posix_spawn_file_actions_init(&actions);
        posix_spawnattr_init(&attributes);
    }
    ~SpawnPlan() {
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
    }
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;

    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
};

// Whatever else is open here is closed before the program is loaded: a worker that outlives us for a moment must not
// keep our listener's port, which was opened without close-on-exec.
void arrange_descriptors(SpawnPlan& plan, int socket) {
    posix_spawn_file_actions_addopen(&plan.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&plan.actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&plan.actions, socket, worker_socket);
    posix_spawn_file_actions_addclosefrom_np(&plan.actions, worker_socket + 1);
}

void arrange_signals(SpawnPlan& plan) {
    sigset_t signals;
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&plan.attributes, &signals);
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&plan.attributes, &signals);
    posix_spawnattr_setflags(&plan.attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

// The child gets an empty environment: nothing that we know should be within a hostile document's reach.
pid_t spawn(const std::filesystem::path& executable, int socket) {
    SpawnPlan plan;
    arrange_descriptors(plan, socket);
    arrange_signals(plan);
    std::string name = executable.filename();
    std::array<char*, 2> arguments{name.data(), nullptr};
    std::array<char*, 1> environment{nullptr};
    pid_t pid = -1;
    if (posix_spawn(&pid, executable.c_str(), &plan.actions, &plan.attributes, arguments.data(), environment.data()) !=
        0) {
        down("the verifier process cannot be started");
    }
    return pid;
}

bool wait_readable(int socket, Deadline deadline) {
    while (true) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        pollfd entry{socket, POLLIN, 0};
        const int ready_count = poll(&entry, 1, left.count() > 0 ? static_cast<int>(left.count()) : 0);
        if (ready_count > 0) return true;
        if (ready_count == 0 || errno != EINTR) return false;
    }
}

// nullopt: nothing in time. Empty: the other side is gone.
std::optional<std::string> read_message(int socket, Deadline deadline) {
    if (!wait_readable(socket, deadline)) return std::nullopt;
    std::array<char, max_answer> buffer{};
    const ssize_t size = recv(socket, buffer.data(), buffer.size(), 0);
    return std::string(buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
}

}  // namespace

WorkerProcess::WorkerProcess(const std::filesystem::path& executable, std::chrono::milliseconds timeout) {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
        down("no socket for the verifier process");
    socket_ = ends[0];
    try {
        pid_ = spawn(executable, ends[1]);
        close(std::exchange(ends[1], -1));
        if (read_message(socket_, std::chrono::steady_clock::now() + timeout) != ready) {
            down("the verifier process did not start up");
        }
    } catch (...) {
        if (ends[1] >= 0) close(ends[1]);
        end();
        throw;
    }
}

WorkerProcess::~WorkerProcess() {
    end();
}

WorkerProcess::WorkerProcess(WorkerProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), socket_(std::exchange(other.socket_, -1)), documents_(other.documents_) {}

WorkerProcess& WorkerProcess::operator=(WorkerProcess&& other) noexcept {
    if (this != &other) {
        end();
        pid_ = std::exchange(other.pid_, -1);
        socket_ = std::exchange(other.socket_, -1);
        documents_ = other.documents_;
    }
    return *this;
}

bool WorkerProcess::send(DocumentKind kind, int descriptor, std::uint64_t size) {
    ++documents_;
    return send_request(socket_, Request{kind, size}, descriptor);
}

std::string WorkerProcess::receive(std::chrono::milliseconds timeout) {
    std::optional<std::string> answer = read_message(socket_, std::chrono::steady_clock::now() + timeout);
    if (!answer) down("the verifier process gave no answer in time");
    if (answer->empty()) refuse("verifier_crashed", "the verifier process ended over the document");
    return std::move(*answer);
}

void WorkerProcess::end() noexcept {
    if (socket_ >= 0) close(std::exchange(socket_, -1));
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR)
        continue;
    pid_ = -1;
}

}  // namespace signwatch::verify
