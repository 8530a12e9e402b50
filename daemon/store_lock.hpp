#pragma once

#include <filesystem>

namespace signwatch::daemon {

/// One daemon per store: holds a lock on `<directory>/lock` for as long as it lives; the kernel drops it when the
/// process dies.
class StoreLock {
public:
    /// Creates the directory (0700) if it is missing. Throws Error(transient, "store_locked") if another daemon has it,
    /// "store_open" if the directory cannot be used.
    explicit StoreLock(const std::filesystem::path& directory);
    ~StoreLock();
    StoreLock(const StoreLock&) = delete;
    StoreLock& operator=(const StoreLock&) = delete;

private:
    int descriptor_ = -1;
};

}  // namespace signwatch::daemon
