#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "core/crypto/digest.hpp"
#include "core/documents/staging/beneath.hpp"
#include "core/documents/staging/memory_file.hpp"
#include "core/ports/document_store.hpp"

namespace signwatch::staging {

/// Files being written, in the directory `incoming`, under names of their own; nothing from outside becomes a name.
/// Thread-safe.
class Incoming {
public:
    explicit Incoming(FileDescriptor directory) : directory_(std::move(directory)) {}

    const FileDescriptor& directory() const { return directory_; }

    /// A name that no other process and no other call uses.
    std::string new_name();

    /// Creates a file (0400, open for writing). `direct`: past the page cache, if the file system can.
    FileDescriptor create(const std::string& name, bool direct) const;
    void remove(const std::string& name) const noexcept;

private:
    FileDescriptor directory_;
    std::uint64_t next_ = 0;
    std::mutex mutex_;
};

/// A document being received: in memory up to MemoryFile::capacity, then in a file of `incoming`. Destroying it removes
/// the bytes.
class StagedFile : public StagedDocument {
public:
    StagedFile(Incoming& incoming, MemoryFiles::Loan memory, std::uint64_t max_size);
    ~StagedFile() override;

    void write(std::span<const std::byte> bytes) override;
    DocumentDigest digest() override;
    int descriptor() override;

    /// Writes what is only in memory to a file of `incoming`, syncs it, and gives its name there, which is the caller's
    /// from now on to rename; until `renamed` is called it is removed with this object. Error(transient):
    /// "document_write", "document_sync", "disk_full".
    const std::string& sync();
    void renamed() { name_.clear(); }

private:
    void move_to_file();
    void write_direct();

    Incoming& incoming_;
    MemoryFiles::Loan memory_;
    FileDescriptor file_;
    FileDescriptor reader_;  ///< the same file, for those who may only read
    std::string name_;
    std::uint64_t max_size_;
    std::uint64_t size_ = 0;
    crypto::Sha256 hash_;
};

}  // namespace signwatch::staging
