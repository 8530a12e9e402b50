#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/documents/staging/staging_area.hpp"
#include "core/ports/document_store.hpp"

namespace signwatch::filesystem {

using staging::FileDescriptor;

/// `<root>/objects`, which exists: the stored documents by hash, in 256 directories. Blocking; thread-safe.
class ObjectDirectory {
public:
    /// `path`: where `root` is, for URIs. Makes the 256 directories that are missing.
    ObjectDirectory(const FileDescriptor& root, const std::filesystem::path& path);

    std::string uri(const std::string& sha256) const;

    /// Invalid if there is no such document, or no regular file in its place.
    FileDescriptor open(const std::string& sha256) const;

    /// The directory that a document belongs in, for the calls that follow. Throws Error(transient, "document_read").
    FileDescriptor place(const std::string& sha256) const;

    /// True if it is there with the right bytes: they are read and hashed.
    static bool holds(const FileDescriptor& place, const DocumentDigest& digest);

    /// Renames a file of `incoming` to its place, replacing whatever is there.
    static void take(const FileDescriptor& incoming,
                     const std::string& name,
                     const FileDescriptor& place,
                     const std::string& sha256);

    /// False if it was not there.
    static bool remove(const FileDescriptor& place, const std::string& sha256);

    /// Says that the document is wanted again: its time becomes now.
    static void touch(const FileDescriptor& place, const std::string& sha256);

    /// Removes it if it was last put before that; false if it is not there or was put since.
    static bool remove_unused(const FileDescriptor& place, const std::string& sha256, WallTime before);

    /// Whoever puts holds a place shared, who removes what is unused holds it alone; until `place` is closed, by this
    /// process or another.
    static void share(const FileDescriptor& place);
    static void claim(const FileDescriptor& place);

    /// As in DocumentStore.
    std::vector<ListedDocument> list(const std::string& after, std::size_t limit) const;

    /// Makes what was renamed or removed durable.
    static void sync(const FileDescriptor& place);

private:
    FileDescriptor directory_;
    std::string base_uri_;
};

}  // namespace signwatch::filesystem
