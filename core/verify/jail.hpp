#pragma once

namespace signwatch::verify {

/// Locks the calling process in, for good: no new privileges, 512 MiB of address space, no file of its own, no core
/// dump, dies with the thread that started it, and a seccomp filter that leaves memory, time, and messages on open
/// descriptors; opening files, sockets, processes all fail with EPERM. Terminal and service-manager signals are
/// ignored: the worker ends when its socket closes. Throws std::system_error if any part cannot be put in place.
/// Sanitizer builds keep only what their run time tolerates: no address-space limit and no seccomp filter.
void enter_jail();

/// Whether this build has the address-space limit and the seccomp filter.
bool jail_is_complete();

}  // namespace signwatch::verify
