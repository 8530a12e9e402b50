#pragma once

#include <string>
#include <sys/types.h>
#include <utility>

#include "core/domain/error.hpp"

namespace signwatch::staging {

/// An open file or directory, closed at the end.
class FileDescriptor {
public:
    FileDescriptor() = default;
    explicit FileDescriptor(int number) : number_(number) {}
    FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept;
    ~FileDescriptor();

    int get() const { return number_; }
    bool valid() const { return number_ >= 0; }

private:
    int number_ = -1;
};

/// Opens `name` below `directory`; the kernel refuses every way out of it, and every symbolic link. Always
/// close-on-exec. The result is invalid with errno set if it cannot be opened.
FileDescriptor open_beneath(const FileDescriptor& directory, const std::string& name, int flags, mode_t mode = 0);

/// Makes a directory (0700) below `directory`; false if it was there. Throws Error(transient).
bool make_directory(const FileDescriptor& directory, const std::string& name);

/// Throws Error(transient) if it is missing, or no directory.
FileDescriptor open_directory(const FileDescriptor& directory, const std::string& name);

/// Makes new entries of a directory durable. Throws Error(transient).
void sync_directory(const FileDescriptor& directory);

/// The Error for errno: "disk_full" if there is no space left, else `code`. Always transient.
Error disk_error(const std::string& code, const std::string& doing);

}  // namespace signwatch::staging
