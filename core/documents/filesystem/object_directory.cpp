#include "core/documents/filesystem/object_directory.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <queue>
#include <set>
#include <span>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "core/crypto/digest.hpp"
#include "core/crypto/encoding.hpp"

namespace signwatch::filesystem {

using staging::disk_error;
using staging::make_directory;
using staging::open_beneath;
using staging::open_directory;
using staging::sync_directory;

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

struct CloseDirectory {
    void operator()(DIR* entries) const { ::closedir(entries); }
};
using Entries = std::unique_ptr<DIR, CloseDirectory>;

Entries entries_of(const FileDescriptor& directory, const char* code) {
    Entries entries(::fdopendir(::openat(directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)));
    if (!entries) throw disk_error(code, "cannot list a directory of objects");
    return entries;
}

// One listing instead of 768 system calls at each start. What is not known for a directory is left to the caller.
std::set<std::string> directories_in(const FileDescriptor& directory) {
    std::set<std::string> names;
    const Entries entries = entries_of(directory, "document_store_open");
    while (const dirent* entry = ::readdir(entries.get())) {
        if (entry->d_type == DT_DIR) names.insert(entry->d_name);
    }
    return names;
}

// The first names above `after`, in order; however large the directory is, no more than `limit` are held.
std::vector<std::string> first_names(const FileDescriptor& place, const std::string& after, std::size_t limit) {
    std::priority_queue<std::string> lowest;
    const Entries entries = entries_of(place, "document_read");
    while (const dirent* entry = ::readdir(entries.get())) {
        std::string name = entry->d_name;
        if (!staging::is_id(name) || name <= after) continue;
        if (lowest.size() == limit && name >= lowest.top()) continue;
        lowest.push(std::move(name));
        if (lowest.size() > limit) lowest.pop();
    }
    std::vector<std::string> names(lowest.size());
    for (std::size_t i = names.size(); i > 0; --i) {
        names[i - 1] = lowest.top();
        lowest.pop();
    }
    return names;
}

std::optional<ListedDocument> look_at(const FileDescriptor& place, std::string name) {
    struct stat status {};
    const int failed = ::fstatat(place.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW);
    if (failed != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    const auto put_at = from_unix_ms(std::int64_t{status.st_mtim.tv_sec} * 1000 + status.st_mtim.tv_nsec / 1'000'000);
    return ListedDocument{std::move(name), static_cast<std::uint64_t>(status.st_size), put_at};
}

void append_listing(const FileDescriptor& place,
                    const std::string& prefix,
                    std::string after,
                    std::size_t limit,
                    std::vector<ListedDocument>& found) {
    for (bool more = true; more && found.size() < limit;) {
        std::vector<std::string> names = first_names(place, after, limit - found.size());
        more = !names.empty();
        if (more) after = names.back();
        for (std::string& name : names) {
            if (!name.starts_with(prefix)) continue;
            if (auto document = look_at(place, std::move(name))) found.push_back(std::move(*document));
        }
    }
}

std::string name_of_place(unsigned number) {
    const auto byte = static_cast<unsigned char>(number);
    return crypto::to_hex(std::span(&byte, 1));
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
        const std::string name = name_of_place(number);
        if (there.contains(name)) continue;
        made = make_directory(directory_, name) || made;
        open_directory(directory_, name);
    }
    if (made) sync_directory(directory_);
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

void ObjectDirectory::touch(const FileDescriptor& place, const std::string& sha256) {
    if (::utimensat(place.get(), sha256.c_str(), nullptr, AT_SYMLINK_NOFOLLOW) != 0) {
        throw disk_error("document_write", "cannot renew the time of a document");
    }
}

bool ObjectDirectory::remove_unused(const FileDescriptor& place, const std::string& sha256, WallTime before) {
    const auto found = look_at(place, sha256);
    return found && found->put_at < before && remove(place, sha256);
}

void ObjectDirectory::share(const FileDescriptor& place) {
    if (::flock(place.get(), LOCK_SH) != 0) throw disk_error("document_write", "cannot lock a directory");
}

void ObjectDirectory::claim(const FileDescriptor& place) {
    if (::flock(place.get(), LOCK_EX) != 0) throw disk_error("document_write", "cannot lock a directory");
}

std::vector<ListedDocument> ObjectDirectory::list(const std::string& after, std::size_t limit) const {
    std::vector<ListedDocument> found;
    for (unsigned number = 0; number < 256 && found.size() < limit; ++number) {
        const std::string prefix = name_of_place(number);
        if (prefix >= after.substr(0, 2)) append_listing(place(prefix), prefix, after, limit, found);
    }
    return found;
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
