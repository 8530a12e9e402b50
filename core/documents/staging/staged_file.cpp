#include "core/documents/staging/staged_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace signwatch::staging {
namespace {

constexpr std::uint64_t block = 4096;

void write_all(int file, const std::byte* bytes, std::uint64_t count, std::uint64_t offset) {
    while (count > 0) {
        const ssize_t written = ::pwrite(file, bytes, count, static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) throw disk_error("document_write", "cannot write");
        bytes += written;
        offset += static_cast<std::uint64_t>(written);
        count -= static_cast<std::uint64_t>(written);
    }
}

}  // namespace

std::string Incoming::new_name() {
    const std::lock_guard lock(mutex_);
    return std::to_string(::getpid()) + "-" + std::to_string(++next_);
}

FileDescriptor Incoming::create(const std::string& name, bool direct) const {
    constexpr int flags = O_RDWR | O_CREAT | O_EXCL;
    FileDescriptor file = open_beneath(directory_, name, direct ? flags | O_DIRECT : flags, 0400);
    if (!file.valid() && direct && errno == EINVAL) {
        remove(name);
        file = open_beneath(directory_, name, flags, 0400);
    }
    if (!file.valid()) throw disk_error("document_write", "cannot create a file");
    return file;
}

void Incoming::remove(const std::string& name) const noexcept {
    ::unlinkat(directory_.get(), name.c_str(), 0);
}

StagedFile::StagedFile(Incoming& incoming, MemoryFiles::Loan memory, std::uint64_t max_size)
    : incoming_(incoming), memory_(std::move(memory)), max_size_(max_size) {}

StagedFile::~StagedFile() {
    if (!name_.empty()) incoming_.remove(name_);
}

void StagedFile::write(std::span<const std::byte> bytes) {
    if (bytes.size() > max_size_ - size_) {
        throw Error(ErrorKind::integrity, "document_too_large", "the document is larger than its cap");
    }
    if (!file_.valid() && (!memory_ || size_ + bytes.size() > MemoryFile::capacity)) move_to_file();
    if (file_.valid())
        write_all(file_.get(), bytes.data(), bytes.size(), size_);
    else
        memory_->append(bytes);
    hash_.update(bytes);
    size_ += bytes.size();
}

DocumentDigest StagedFile::digest() {
    return {hash_.hex(), size_};
}

int StagedFile::descriptor() {
    if (!file_.valid() && !memory_) move_to_file();
    if (!file_.valid()) {
        memory_->finish();
        return memory_->descriptor();
    }
    if (!reader_.valid()) reader_ = open_beneath(incoming_.directory(), name_, O_RDONLY);
    if (!reader_.valid()) throw disk_error("document_read", "cannot open a file");
    return reader_.get();
}

const std::string& StagedFile::sync() {
    if (!file_.valid() && memory_) write_direct();
    if (!file_.valid()) move_to_file();
    if (::fdatasync(file_.get()) != 0) throw disk_error("document_sync", "the disk refused a document");
    return name_;
}

void StagedFile::move_to_file() {
    const std::string name = incoming_.new_name();
    file_ = incoming_.create(name, false);
    name_ = name;
    if (!memory_) return;
    write_all(file_.get(), memory_->bytes(), size_, 0);
    memory_.reset();
}

// Whole blocks from the page-aligned mapping; the padding of the last is cut off again.
void StagedFile::write_direct() {
    memory_->finish();
    const std::string name = incoming_.new_name();
    file_ = incoming_.create(name, true);
    name_ = name;
    const std::uint64_t padded = (size_ + block - 1) / block * block;
    write_all(file_.get(), memory_->bytes(), padded, 0);
    if (padded != size_ && ::ftruncate(file_.get(), static_cast<off_t>(size_)) != 0) {
        throw disk_error("document_write", "cannot cut a file");
    }
    memory_.reset();
}

}  // namespace signwatch::staging
