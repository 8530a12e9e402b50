#include "core/documents/staging/staging_area.hpp"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace signwatch::staging {
namespace {

void remove_all(const FileDescriptor& directory) {
    DIR* const entries = ::fdopendir(::openat(directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!entries) throw disk_error("document_store_open", "cannot list directory incoming");
    while (const dirent* entry = ::readdir(entries)) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") ::unlinkat(directory.get(), entry->d_name, 0);
    }
    ::closedir(entries);
}

FileDescriptor open_incoming(const FileDescriptor& root) {
    if (make_directory(root, "incoming")) sync_directory(root);
    FileDescriptor incoming = open_directory(root, "incoming");
    if (::flock(incoming.get(), LOCK_EX | LOCK_NB) == 0) remove_all(incoming);
    if (::flock(incoming.get(), LOCK_SH) != 0)
        throw disk_error("document_store_open", "cannot lock directory incoming");
    return incoming;
}

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

}  // namespace

bool is_id(const std::string& text) {
    return text.size() == 64 && std::all_of(text.begin(), text.end(), is_hex);
}

FileDescriptor open_root(const std::filesystem::path& directory) {
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
        throw disk_error("document_store_open", "cannot make the directory");
    }
    FileDescriptor root(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root.valid()) throw disk_error("document_store_open", "cannot open the directory");
    return root;
}

StagingArea::StagingArea(const FileDescriptor& root, std::uint64_t reserve)
    : root_(root), reserve_(reserve), incoming_(open_incoming(root)) {}

std::unique_ptr<StagedFile> StagingArea::stage(std::uint64_t max_size) {
    require_space();
    return std::make_unique<StagedFile>(incoming_, memory_.lend(), max_size);
}

void StagingArea::require_space() const {
    struct statvfs space {};
    if (::fstatvfs(root_.get(), &space) != 0) throw disk_error("document_write", "cannot ask for the free space");
    if (space.f_bavail * space.f_frsize < reserve_) {
        throw Error(ErrorKind::transient, "disk_full", "document store: less than the reserve is free");
    }
}

std::unique_ptr<StagedFile> as_staged_file(std::unique_ptr<StagedDocument> document) {
    std::unique_ptr<StagedFile> staged(dynamic_cast<StagedFile*>(document.get()));
    if (!staged) throw Error(ErrorKind::permanent, "document_foreign", "the document was staged by another store");
    static_cast<void>(document.release());
    return staged;
}

}  // namespace signwatch::staging
