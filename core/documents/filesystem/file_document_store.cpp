#include "core/documents/filesystem/file_document_store.hpp"

#include <array>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <utility>

#include "core/crypto/digest.hpp"
#include "core/documents/filesystem/object_directory.hpp"
#include "core/documents/filesystem/staged_file.hpp"

namespace signwatch::filesystem {
namespace {

constexpr std::size_t read_size = 256 * 1024;

FileDescriptor open_root(const std::filesystem::path& directory) {
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
        throw disk_error("document_store_open", "cannot make the directory");
    }
    FileDescriptor root(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root.valid()) throw disk_error("document_store_open", "cannot open the directory");
    const bool made_objects = make_directory(root, "objects");
    const bool made_incoming = make_directory(root, "incoming");
    if (made_objects || made_incoming) sync_directory(root);
    return root;
}

void remove_all(const FileDescriptor& directory) {
    DIR* const entries = ::fdopendir(::openat(directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!entries) throw disk_error("document_store_open", "cannot list directory incoming");
    while (const dirent* entry = ::readdir(entries)) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") ::unlinkat(directory.get(), entry->d_name, 0);
    }
    ::closedir(entries);
}

// Whoever has the store open holds a shared lock, so what another process is writing is not taken for left over.
FileDescriptor open_incoming(const FileDescriptor& root) {
    FileDescriptor incoming = open_directory(root, "incoming");
    if (::flock(incoming.get(), LOCK_EX | LOCK_NB) == 0) remove_all(incoming);
    if (::flock(incoming.get(), LOCK_SH) != 0)
        throw disk_error("document_store_open", "cannot lock directory incoming");
    return incoming;
}

std::string read_piece(int file, std::uint64_t offset) {
    std::string piece(read_size, '\0');
    ssize_t count = -1;
    do
        count = ::pread(file, piece.data(), piece.size(), static_cast<off_t>(offset));
    while (count < 0 && errno == EINTR);
    if (count < 0) throw disk_error("document_read", "cannot read a document");
    piece.resize(static_cast<std::size_t>(count));
    return piece;
}

class FileDocumentStore : public DocumentStore {
public:
    FileDocumentStore(const std::filesystem::path& directory,
                      runtime::BlockingPool& pool,
                      Progress& progress,
                      std::uint64_t reserve)
        : pool_(pool),
          progress_(progress),
          reserve_(reserve),
          root_(open_root(directory)),
          incoming_(open_incoming(root_)),
          objects_(root_, std::filesystem::absolute(directory)) {}

    std::unique_ptr<StagedDocument> stage(std::uint64_t max_size) override {
        require_space();
        return std::make_unique<StagedFile>(incoming_, memory_.lend(), max_size);
    }

    Task<PutResult> put(std::unique_ptr<StagedDocument> document) override {
        std::unique_ptr<StagedFile> staged(dynamic_cast<StagedFile*>(document.get()));
        if (!staged) throw Error(ErrorKind::permanent, "document_foreign", "the document was staged by another store");
        static_cast<void>(document.release());
        auto work = [this, staged = std::move(staged)]() mutable {
            const std::unique_ptr<StagedFile> ours = std::move(staged);  // gone before the caller goes on
            return store(*ours);
        };
        return runtime::offload(pool_, std::move(work));
    }

    Task<std::optional<std::uint64_t>> stat(std::string sha256) override {
        return runtime::offload(pool_, [this, sha256 = std::move(sha256)] { return size_of(sha256); });
    }

    Task<void> get(std::string sha256, DocumentSink& sink) override {
        const FileDescriptor file = co_await open(sha256);
        crypto::Sha256 hash;
        std::uint64_t offset = 0;
        bool more = true;
        while (more) {
            const std::string piece = co_await read(file.get(), offset);
            hash.update(piece);
            sink.write(std::as_bytes(std::span(piece)));
            offset += piece.size();
            more = !piece.empty();
        }
        if (hash.hex() != sha256) {
            throw Error(ErrorKind::integrity, "document_corrupt", "a stored document no longer has its hash");
        }
    }

    Task<bool> remove(std::string sha256) override {
        return runtime::offload(pool_, [this, sha256 = std::move(sha256)] {
            if (!ObjectDirectory::is_id(sha256)) return false;
            const FileDescriptor place = objects_.place(sha256);
            if (!ObjectDirectory::remove(place, sha256)) return false;
            ObjectDirectory::sync(place);
            return true;
        });
    }

    Task<bool> remove_unused(std::string sha256, WallTime before) override {
        return runtime::offload(pool_, [this, sha256 = std::move(sha256), before] {
            if (!ObjectDirectory::is_id(sha256)) return false;
            const FileDescriptor place = objects_.place(sha256);
            ObjectDirectory::claim(place);
            if (!ObjectDirectory::remove_unused(place, sha256, before)) return false;
            ObjectDirectory::sync(place);
            return true;
        });
    }

    Task<std::vector<ListedDocument>> list(std::string after, std::size_t limit) override {
        return runtime::offload(pool_, [this, after = std::move(after), limit] { return objects_.list(after, limit); });
    }

    Task<void> probe() override {
        return runtime::offload(pool_, [this] { write_probe(); });
    }

private:
    void require_space() const {
        struct statvfs space {};
        if (::fstatvfs(root_.get(), &space) != 0) throw disk_error("document_write", "cannot ask for the free space");
        if (space.f_bavail * space.f_frsize < reserve_) {
            throw Error(ErrorKind::transient, "disk_full", "document store: less than the reserve is free");
        }
    }

    PutResult store(StagedFile& staged) {
        const DocumentDigest digest = staged.digest();
        const FileDescriptor place = objects_.place(digest.sha256);
        ObjectDirectory::share(place);
        const bool existed = ObjectDirectory::holds(place, digest);
        if (existed) {
            ObjectDirectory::touch(place, digest.sha256);
        } else {
            const std::string& name = staged.sync();
            progress_.reached(Step::document_synced);
            ObjectDirectory::take(incoming_.directory(), name, place, digest.sha256);
            staged.renamed();
            progress_.reached(Step::document_renamed);
        }
        ObjectDirectory::sync(place);
        return {objects_.uri(digest.sha256), existed};
    }

    std::optional<std::uint64_t> size_of(const std::string& sha256) const {
        if (!ObjectDirectory::is_id(sha256)) return std::nullopt;
        const FileDescriptor file = objects_.open(sha256);
        struct stat status {};
        if (!file.valid() || ::fstat(file.get(), &status) != 0) return std::nullopt;
        return static_cast<std::uint64_t>(status.st_size);
    }

    Task<FileDescriptor> open(std::string sha256) {
        return runtime::offload(pool_, [this, sha256 = std::move(sha256)] {
            FileDescriptor file;
            if (ObjectDirectory::is_id(sha256)) file = objects_.open(sha256);
            if (!file.valid()) throw Error(ErrorKind::permanent, "document_missing", "no such document in the store");
            return file;
        });
    }

    Task<std::string> read(int file, std::uint64_t offset) {
        return runtime::offload(pool_, [file, offset] { return read_piece(file, offset); });
    }

    void write_probe() {
        require_space();
        StagedFile staged(incoming_, memory_.lend(), read_size);
        constexpr std::string_view text = "signwatch";
        staged.write(std::as_bytes(std::span(text)));
        staged.sync();
    }

    runtime::BlockingPool& pool_;
    Progress& progress_;
    std::uint64_t reserve_;
    FileDescriptor root_;
    Incoming incoming_;
    ObjectDirectory objects_;
    MemoryFiles memory_;
};

}  // namespace

std::unique_ptr<DocumentStore> open_document_store(const std::filesystem::path& directory,
                                                   runtime::BlockingPool& pool,
                                                   Progress& progress,
                                                   std::uint64_t reserve) {
    return std::make_unique<FileDocumentStore>(directory, pool, progress, reserve);
}

}  // namespace signwatch::filesystem
