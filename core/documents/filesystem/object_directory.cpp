#include "core/documents/filesystem/object_directory.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <dirent.h>
#include <fcntl.h>
#include <set>
#include <span>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "core/crypto/digest.hpp"
#include "core/crypto/encoding.hpp"

namespace signwatch::filesystem {
namespace {

std::string file_uri(const std::string& path) {
    std::string uri = "file://";
    for (const char c : path) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
                           c == '-' || c == '_' || c == '.' || c == '~';
        if (plain)
            uri += c;
        else
            uri += '%' + crypto::to_hex(std::span(&byte, 1));
    }
    return uri;
}

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

std::string hash_of(const FileDescriptor& file) {
    crypto::Sha256 hash;
    std::vector<std::byte> buffer(64 * 1024);
    for (;;) {
        const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return {};
        if (count == 0) return hash.hex();
        hash.update(std::span(buffer).first(static_cast<std::size_t>(count)));
    }
}

// One listing instead of 768 system calls at each start. What is not known for a directory is left to the caller.
std::set<std::string> directories_in(const FileDescriptor& directory) {
    std::set<std::string> names;
    DIR* const entries = ::fdopendir(::openat(directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!entries) throw disk_error("document_store_open", "cannot list directory objects");
    while (const dirent* entry = ::readdir(entries)) {
        if (entry->d_type == DT_DIR) names.insert(entry->d_name);
    }
    ::closedir(entries);
    return names;
}

FileDescriptor open_regular(const FileDescriptor& place, const std::string& sha256) {
    FileDescriptor file = open_beneath(place, sha256, O_RDONLY | O_NONBLOCK);
    struct stat status {};
    const bool regular = file.valid() && ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode);
    return regular ? std::move(file) : FileDescriptor();
}

}  // namespace

ObjectDirectory::ObjectDirectory(const FileDescriptor& root, const std::filesystem::path& path)
    : directory_(open_directory(root, "objects")), base_uri_(file_uri(path / "objects")) {
    bool made = false;
    const std::set<std::string> there = directories_in(directory_);
    for (unsigned number = 0; number < 256; ++number) {
        const auto byte = static_cast<unsigned char>(number);
        const std::string name = crypto::to_hex(std::span(&byte, 1));
        if (there.contains(name)) continue;
        made = make_directory(directory_, name) || made;
        open_directory(directory_, name);
    }
    if (made) sync_directory(directory_);
}

bool ObjectDirectory::is_id(const std::string& text) {
    return text.size() == 64 && std::all_of(text.begin(), text.end(), is_hex);
}

std::string ObjectDirectory::uri(const std::string& sha256) const {
    return base_uri_ + "/" + sha256.substr(0, 2) + "/" + sha256;
}

FileDescriptor ObjectDirectory::open(const std::string& sha256) const {
    return open_regular(place(sha256), sha256);
}

bool ObjectDirectory::holds(const FileDescriptor& place, const DocumentDigest& digest) {
    const FileDescriptor file = open_regular(place, digest.sha256);
    struct stat status {};
    if (!file.valid() || ::fstat(file.get(), &status) != 0) return false;
    return static_cast<std::uint64_t>(status.st_size) == digest.size && hash_of(file) == digest.sha256;
}

void ObjectDirectory::take(const FileDescriptor& incoming,
                           const std::string& name,
                           const FileDescriptor& place,
                           const std::string& sha256) {
    if (::renameat(incoming.get(), name.c_str(), place.get(), sha256.c_str()) != 0) {
        throw disk_error("document_write", "cannot rename a document");
    }
}

bool ObjectDirectory::remove(const FileDescriptor& place, const std::string& sha256) {
    if (::unlinkat(place.get(), sha256.c_str(), 0) == 0) return true;
    if (errno == ENOENT) return false;
    throw disk_error("document_write", "cannot remove a document");
}

void ObjectDirectory::sync(const FileDescriptor& place) {
    if (::fsync(place.get()) != 0) throw disk_error("document_sync", "cannot sync a directory");
}

FileDescriptor ObjectDirectory::place(const std::string& sha256) const {
    FileDescriptor directory = open_beneath(directory_, sha256.substr(0, 2), O_RDONLY | O_DIRECTORY);
    if (!directory.valid()) throw disk_error("document_read", "cannot open a directory");
    return directory;
}

}  // namespace signwatch::filesystem
