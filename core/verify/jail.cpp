#include "core/verify/jail.hpp"

#include <cerrno>
#include <initializer_list>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <system_error>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SIGNWATCH_JAIL_RELAXED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SIGNWATCH_JAIL_RELAXED 1
#endif
#endif

namespace signwatch::verify {
namespace {

constexpr rlim_t open_files = 16;

void require(bool good, int error, const char* what) {
    if (!good) throw std::system_error(error, std::generic_category(), what);
}

void limit(__rlimit_resource resource, rlim_t value) {
    const rlimit both{value, value};
    require(setrlimit(resource, &both) == 0, errno, "setrlimit");
}

void ignore_signals_of_the_service() {
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGXFSZ})
        signal(number, SIG_IGN);
}

#ifndef SIGNWATCH_JAIL_RELAXED

constexpr rlim_t address_space = 512UL << 20U;

class Filter {
public:
    Filter() : context_(seccomp_init(SCMP_ACT_ERRNO(EPERM))) { require(context_ != nullptr, ENOMEM, "seccomp_init"); }
    ~Filter() { seccomp_release(context_); }
    Filter(const Filter&) = delete;
    Filter& operator=(const Filter&) = delete;

    void allow(std::initializer_list<int> calls) {
        for (const int call : calls)
            check(seccomp_rule_add(context_, SCMP_ACT_ALLOW, call, 0));
    }

    // Memory may be had, but not memory that can be executed.
    void allow_without_execution(int call) {
        check(seccomp_rule_add(context_, SCMP_ACT_ALLOW, call, 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)));
    }

    void load() { check(seccomp_load(context_)); }

private:
    static void check(int result) { require(result == 0, -result, "seccomp"); }

    scmp_filter_ctx context_;
};

void filter_system_calls() {
    Filter filter;
    filter.allow({SCMP_SYS(read),
                  SCMP_SYS(write),
                  SCMP_SYS(pread64),
                  SCMP_SYS(recvmsg),
                  SCMP_SYS(sendto),
                  SCMP_SYS(close),
                  SCMP_SYS(fstat),
                  SCMP_SYS(newfstatat)});
    filter.allow({SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(futex)});
    filter.allow({SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(setitimer), SCMP_SYS(getrandom)});
    filter.allow({SCMP_SYS(rt_sigreturn),
                  SCMP_SYS(rt_sigprocmask),
                  SCMP_SYS(getpid),
                  SCMP_SYS(gettid),
                  SCMP_SYS(tgkill),
                  SCMP_SYS(exit),
                  SCMP_SYS(exit_group)});
    filter.allow_without_execution(SCMP_SYS(mmap));
    filter.allow_without_execution(SCMP_SYS(mprotect));
    filter.load();
}

#endif

}  // namespace

void enter_jail() {
    ignore_signals_of_the_service();
    require(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0, errno, "PR_SET_PDEATHSIG");
    require(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, errno, "PR_SET_NO_NEW_PRIVS");
    require(prctl(PR_SET_DUMPABLE, 0) == 0, errno, "PR_SET_DUMPABLE");
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_NOFILE, open_files);
#ifndef SIGNWATCH_JAIL_RELAXED
    limit(RLIMIT_AS, address_space);
    filter_system_calls();
#endif
}

bool jail_is_complete() {
#ifdef SIGNWATCH_JAIL_RELAXED
    return false;
#else
    return true;
#endif
}

}  // namespace signwatch::verify
