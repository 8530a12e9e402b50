#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/verify/jail.hpp"

// Test program: enters the verifier's jail, tries what a taken-over verifier would try, and prints each attempt that
// worked.

namespace {

void report(bool worked, const char* what) {
    if (worked) std::printf("possible: %s\n", what);
}

bool can_fork() {
    std::fflush(stdout);
    const pid_t child = fork();
    if (child == 0) _exit(0);
    return child > 0;
}

bool can_map(int protection) {
    return mmap(nullptr, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

bool can_take_a_gibibyte() {
    return mmap(nullptr, 1UL << 30U, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

}  // namespace

int main() {
    std::setvbuf(stdout, nullptr, _IOFBF, 4096);
    signwatch::verify::enter_jail();
    report(open("/etc/passwd", O_RDONLY) >= 0, "open a file to read");
    report(open("/tmp/signwatch-jail-probe", O_WRONLY | O_CREAT, 0600) >= 0, "create a file");
    report(socket(AF_INET, SOCK_STREAM, 0) >= 0, "make a TCP socket");
    report(socket(AF_UNIX, SOCK_STREAM, 0) >= 0, "make a Unix socket");
    report(can_fork(), "fork");
    report(execl("/nonexistent", "x", nullptr) == 0 || errno != EPERM, "reach execve");
    report(kill(getppid(), 0) == 0, "signal the parent");
    report(unlink("/tmp/signwatch-no-such-file") == 0 || errno != EPERM, "reach unlink");
    report(can_map(PROT_READ | PROT_WRITE | PROT_EXEC), "map executable memory");
    report(can_take_a_gibibyte(), "take a gibibyte");
    report(!can_map(PROT_READ | PROT_WRITE), "be refused plain memory");
    std::printf("jail complete: %s\n", signwatch::verify::jail_is_complete() ? "yes" : "no");
    std::fflush(stdout);
    _exit(0);
}
