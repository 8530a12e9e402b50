#include "core/documents/staging/beneath.hpp"

#include <cerrno>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>

namespace signwatch::staging {

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
        if (valid()) ::close(number_);
        number_ = std::exchange(other.number_, -1);
    }
    return *this;
}

FileDescriptor::~FileDescriptor() {
    if (valid()) ::close(number_);
}

FileDescriptor open_beneath(const FileDescriptor& directory, const std::string& name, int flags, mode_t mode) {
    open_how how{};
    how.flags = static_cast<__u64>(flags | O_CLOEXEC | O_NOFOLLOW);
    how.mode = mode;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
    return FileDescriptor(static_cast<int>(::syscall(SYS_openat2, directory.get(), name.c_str(), &how, sizeof how)));
}

bool make_directory(const FileDescriptor& directory, const std::string& name) {
    if (::mkdirat(directory.get(), name.c_str(), 0700) == 0) return true;
    if (errno == EEXIST) return false;
    throw disk_error("document_store_open", "cannot make directory " + name);
}

FileDescriptor open_directory(const FileDescriptor& directory, const std::string& name) {
    FileDescriptor opened = open_beneath(directory, name, O_RDONLY | O_DIRECTORY);
    if (!opened.valid()) throw disk_error("document_store_open", "cannot open directory " + name);
    return opened;
}

void sync_directory(const FileDescriptor& directory) {
    if (::fsync(directory.get()) != 0) throw disk_error("document_store_open", "cannot sync a directory");
}

Error disk_error(const std::string& code, const std::string& doing) {
    const int number = errno;
    const bool full = number == ENOSPC || number == EDQUOT;
    const std::string reason = std::generic_category().message(number);
    return Error(ErrorKind::transient, full ? "disk_full" : code, "document store: " + doing + ": " + reason);
}

}  // namespace signwatch::staging
