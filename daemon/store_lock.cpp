#include "daemon/store_lock.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/domain/error.hpp"

namespace signwatch::daemon {

StoreLock::StoreLock(const std::filesystem::path& directory) {
    ::mkdir(directory.c_str(), 0700);
    const std::filesystem::path path = directory / "lock";
    descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor_ < 0) {
        throw Error(ErrorKind::transient,
                    "store_open",
                    "the store directory " + directory.string() + " cannot be used: " + std::strerror(errno));
    }
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
        ::close(descriptor_);
        throw Error(ErrorKind::transient,
                    "store_locked",
                    "another signwatch is running on the store " + directory.string() + "; one daemon per store");
    }
}

StoreLock::~StoreLock() {
    ::close(descriptor_);
}

}  // namespace signwatch::daemon
