#include "core/documents/staging/memory_file.hpp"

#include <algorithm>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/domain/error.hpp"

namespace signwatch::staging {
namespace {

constexpr std::uint64_t step = 32 * 1024;

}  // namespace

MemoryFile::MemoryFile() : file_(::memfd_create("document", MFD_CLOEXEC | MFD_ALLOW_SEALING)) {
    if (!file_.valid() || ::ftruncate(file_.get(), static_cast<off_t>(capacity)) != 0) {
        throw disk_error("document_write", "cannot make a memory file");
    }
    void* const mapping = ::mmap(nullptr, capacity, PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), 0);
    if (mapping == MAP_FAILED) throw disk_error("document_write", "cannot map a memory file");
    mapping_ = static_cast<std::byte*>(mapping);
    if (::fcntl(file_.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL) != 0) {
        ::munmap(mapping_, capacity);
        throw disk_error("document_write", "cannot seal a memory file");
    }
}

MemoryFile::~MemoryFile() {
    ::munmap(mapping_, capacity);
}

void MemoryFile::append(std::span<const std::byte> bytes) {
    reserve(size_ + bytes.size());
    std::copy(bytes.begin(), bytes.end(), mapping_ + size_);
    size_ += bytes.size();
    used_ = std::max(used_, size_);
    dirty_ = std::max(dirty_, size_);
}

void MemoryFile::finish() {
    if (dirty_ > size_) std::fill(mapping_ + size_, mapping_ + dirty_, std::byte{0});
    dirty_ = size_;
}

// Without this, memory that runs out would end the process when a page is first written.
void MemoryFile::reserve(std::uint64_t end) {
    if (end <= reserved_) return;
    const std::uint64_t wanted = std::min(capacity, (end + step - 1) / step * step);
    if (::fallocate(file_.get(), 0, static_cast<off_t>(reserved_), static_cast<off_t>(wanted - reserved_)) != 0) {
        throw disk_error("document_write", "no memory for a document");
    }
    reserved_ = wanted;
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
    const bool small = owned->used() <= most_kept_bytes;
    owned->restart();
    const std::lock_guard lock(mutex_);
    --lent_;
    if (small && free_.size() < most_kept) free_.push_back(std::move(owned));
}

}  // namespace signwatch::staging
