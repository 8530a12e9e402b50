#include "tests/fakes/child_process.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <netinet/in.h>
#include <random>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

namespace signwatch::testing {

namespace {

using Clock = std::chrono::steady_clock;

class FileDescriptor {
public:
    FileDescriptor(int number, const std::string& what) : number_(number) {
        if (number_ < 0) throw std::system_error(errno, std::generic_category(), what);
    }
    ~FileDescriptor() { close(); }
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;

    int get() const { return number_; }
    void close() {
        if (number_ >= 0) ::close(number_);
        number_ = -1;
    }

private:
    int number_;
};

int open_log(const std::filesystem::path& log) {
    if (log.empty()) return ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    return ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

// Only async-signal-safe calls: the parent may have threads.
[[noreturn]] void become(char* const* arguments, pid_t parent, int output, int errors, int failure) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    const int input = ::open("/dev/null", O_RDONLY);
    if (input >= 0 && ::dup2(input, STDIN_FILENO) >= 0 && ::dup2(output, STDOUT_FILENO) >= 0 &&
        ::dup2(errors, STDERR_FILENO) >= 0) {
        if (input > STDERR_FILENO) ::close(input);
        ::execvp(arguments[0], arguments);
    }
    const int reason = errno;
    [[maybe_unused]] const ssize_t told = ::write(failure, &reason, sizeof reason);
    ::_exit(127);
}

pid_t spawn(std::vector<std::string> arguments, int output, int errors) {
    if (arguments.empty()) throw std::invalid_argument("no program to start");
    std::vector<char*> pointers;
    for (auto& argument : arguments)
        pointers.push_back(argument.data());
    pointers.push_back(nullptr);

    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
    const FileDescriptor reader(ends[0], "pipe2");
    FileDescriptor writer(ends[1], "pipe2");
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (child == 0) become(pointers.data(), parent, output, errors, writer.get());

    writer.close();
    int reason = 0;
    ssize_t got = 0;
    do
        got = ::read(reader.get(), &reason, sizeof reason);
    while (got < 0 && errno == EINTR);
    if (got <= 0) return child;
    ::waitpid(child, nullptr, 0);
    throw std::system_error(reason, std::generic_category(), "start " + arguments.front());
}

int meaning_of(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::optional<int> wait_until(pid_t child, Clock::time_point deadline) {
    for (;;) {
        int status = 0;
        const pid_t ended = ::waitpid(child, &status, WNOHANG);
        if (ended == child) return meaning_of(status);
        if (ended < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "waitpid");
        if (Clock::now() >= deadline) return std::nullopt;
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
}

int reap(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "waitpid");
    }
    return meaning_of(status);
}

int anonymous_file() {
    return ::open(std::filesystem::temp_directory_path().c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
}

std::string content_of(int file) {
    std::string content;
    std::array<char, 16384> piece{};
    ::lseek(file, 0, SEEK_SET);
    for (;;) {
        const ssize_t got = ::read(file, piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw std::system_error(errno, std::generic_category(), "read the output of a program");
        if (got == 0) return content;
        content.append(piece.data(), static_cast<std::size_t>(got));
    }
}

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& arguments, const std::filesystem::path& log) {
    const FileDescriptor output(open_log(log), "open " + log.string());
    pid_ = spawn(arguments, output.get(), output.get());
}

ChildProcess::~ChildProcess() {
    try {
        kill();
    } catch (const std::system_error&) {
        pid_ = -1;
    }
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), result_(std::exchange(other.result_, std::nullopt)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
    std::swap(pid_, other.pid_);
    std::swap(result_, other.result_);
    return *this;
}

bool ChildProcess::running() {
    return pid_ > 0 && !wait(std::chrono::milliseconds{0});
}

void ChildProcess::signal(int number) {
    if (running() && ::kill(pid_, number) != 0) throw std::system_error(errno, std::generic_category(), "kill");
}

std::optional<int> ChildProcess::wait(std::chrono::milliseconds timeout) {
    if (pid_ > 0 && !result_) result_ = wait_until(pid_, Clock::now() + timeout);
    return result_;
}

void ChildProcess::kill() {
    if (pid_ <= 0 || result_) return;
    ::kill(pid_, SIGKILL);
    result_ = reap(pid_);
}

RunResult run(const std::vector<std::string>& arguments, std::chrono::milliseconds timeout) {
    const FileDescriptor output(anonymous_file(), "make a temporary file");
    const FileDescriptor errors(anonymous_file(), "make a temporary file");
    const pid_t child = spawn(arguments, output.get(), errors.get());
    const auto result = wait_until(child, Clock::now() + timeout);
    if (!result) {
        ::kill(child, SIGKILL);
        reap(child);
        throw std::runtime_error(arguments.front() + " did not end in time");
    }
    return {*result, content_of(output.get()), content_of(errors.get())};
}

// Below the range that the kernel gives to outgoing connections: it stays free while a server is restarted on it.
int free_port() {
    std::random_device entropy;
    std::uniform_int_distribution<int> ports(28'000, 32'000);
    for (int tries = 0; tries < 100; ++tries) {
        const FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
        const int port = ports(entropy);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return port;
    }
    throw std::runtime_error("found no free port");
}

}  // namespace signwatch::testing
