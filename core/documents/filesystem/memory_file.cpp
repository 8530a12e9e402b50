#include "core/documents/filesystem/memory_file.hpp"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/domain/error.hpp"

namespace signwatch::filesystem {

MemoryFile::MemoryFile() : file_(::memfd_create("document", MFD_CLOEXEC)) {
    if (!file_.valid()) throw disk_error("document_write", "cannot make a memory file");
    void* const mapping = ::mmap(nullptr, capacity, PROT_READ, MAP_SHARED, file_.get(), 0);
    if (mapping == MAP_FAILED) throw disk_error("document_write", "cannot map a memory file");
    mapping_ = static_cast<std::byte*>(mapping);
}

MemoryFile::~MemoryFile() {
    ::munmap(mapping_, capacity);
}

void MemoryFile::cut(std::uint64_t size) {
    if (::ftruncate(file_.get(), static_cast<off_t>(size)) != 0) {
        throw disk_error("document_write", "cannot cut a memory file");
    }
}

MemoryFiles::Loan MemoryFiles::lend() {
    std::unique_ptr<MemoryFile> file;
    {
        const std::lock_guard lock(mutex_);
        if (lent_ == most_lent) return Loan(nullptr, Return{this});
        ++lent_;
        if (!free_.empty()) {
            file = std::move(free_.back());
            free_.pop_back();
        }
    }
    if (!file) file = std::make_unique<MemoryFile>();
    return Loan(file.release(), Return{this});
}

void MemoryFiles::take_back(MemoryFile* file) {
    std::unique_ptr<MemoryFile> owned(file);
    struct stat status {};
    const bool small =
        ::fstat(owned->descriptor(), &status) == 0 && status.st_size <= static_cast<off_t>(most_kept_bytes);
    const std::lock_guard lock(mutex_);
    --lent_;
    if (small && free_.size() < most_kept) free_.push_back(std::move(owned));
}

}  // namespace signwatch::filesystem
