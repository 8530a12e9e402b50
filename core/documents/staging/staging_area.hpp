#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "core/documents/staging/staged_file.hpp"

namespace signwatch::staging {

/// Stop taking documents while less is free: what is under way, the record and the log still have to be written.
constexpr std::uint64_t default_reserve = 64 * 1024 * 1024;

/// Lower-case hexadecimal SHA-256: anything else is never looked up in a store.
bool is_id(const std::string& text);

/// Opens a store's directory, which is made (0700) if missing. Throws Error(transient, "document_store_open").
FileDescriptor open_root(const std::filesystem::path& directory);

/// Where documents are received before a store takes them: memory, or files of `<root>/incoming`. Whoever has one open
/// holds a shared lock, so what another process receives is not taken for left over. Thread-safe.
class StagingArea {
public:
    /// Makes `incoming` if missing and removes what a crashed run left there. `root` must outlive it. Throws
    /// Error(transient, "document_store_open").
    StagingArea(const FileDescriptor& root, std::uint64_t reserve);

    /// Throws Error(transient, "disk_full") while less than the reserve is free.
    std::unique_ptr<StagedFile> stage(std::uint64_t max_size);
    void require_space() const;

    Incoming& incoming() { return incoming_; }

private:
    const FileDescriptor& root_;
    std::uint64_t reserve_;
    Incoming incoming_;
    MemoryFiles memory_;
};

/// The document as this area gave it out. Throws Error(permanent, "document_foreign") if another store staged it.
std::unique_ptr<StagedFile> as_staged_file(std::unique_ptr<StagedDocument> document);

}  // namespace signwatch::staging
