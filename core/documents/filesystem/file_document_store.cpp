#include "core/documents/filesystem/file_document_store.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "core/crypto/digest.hpp"
#include "core/documents/filesystem/object_directory.hpp"
#include "core/documents/staging/staging_area.hpp"

namespace signwatch::filesystem {
namespace {

using staging::disk_error;
using staging::StagedFile;

constexpr std::size_t read_size = 256 * 1024;

FileDescriptor open_store(const std::filesystem::path& directory) {
    FileDescriptor root = staging::open_root(directory);
    if (staging::make_directory(root, "objects")) staging::sync_directory(root);
    return root;
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
          root_(open_store(directory)),
          staging_(root_, reserve),
          objects_(root_, std::filesystem::absolute(directory)) {}

    std::unique_ptr<StagedDocument> stage(std::uint64_t max_size) override { return staging_.stage(max_size); }

    Task<PutResult> put(std::unique_ptr<StagedDocument> document) override {
        std::unique_ptr<StagedFile> staged = staging::as_staged_file(std::move(document));
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
            if (!staging::is_id(sha256)) return false;
            const FileDescriptor place = objects_.place(sha256);
            if (!ObjectDirectory::remove(place, sha256)) return false;
            ObjectDirectory::sync(place);
            return true;
        });
    }

    Task<bool> remove_unused(std::string sha256, WallTime before) override {
        return runtime::offload(pool_, [this, sha256 = std::move(sha256), before] {
            if (!staging::is_id(sha256)) return false;
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
            ObjectDirectory::take(staging_.incoming().directory(), name, place, digest.sha256);
            staged.renamed();
            progress_.reached(Step::document_renamed);
        }
        ObjectDirectory::sync(place);
        return {objects_.uri(digest.sha256), existed};
    }

    std::optional<std::uint64_t> size_of(const std::string& sha256) const {
        if (!staging::is_id(sha256)) return std::nullopt;
        const FileDescriptor file = objects_.open(sha256);
        struct stat status {};
        if (!file.valid() || ::fstat(file.get(), &status) != 0) return std::nullopt;
        return static_cast<std::uint64_t>(status.st_size);
    }

    Task<FileDescriptor> open(std::string sha256) {
        return runtime::offload(pool_, [this, sha256 = std::move(sha256)] {
            FileDescriptor file;
            if (staging::is_id(sha256)) file = objects_.open(sha256);
            if (!file.valid()) throw Error(ErrorKind::permanent, "document_missing", "no such document in the store");
            return file;
        });
    }

    Task<std::string> read(int file, std::uint64_t offset) {
        return runtime::offload(pool_, [file, offset] { return read_piece(file, offset); });
    }

    void write_probe() {
        const std::unique_ptr<StagedFile> staged = staging_.stage(read_size);
        constexpr std::string_view text = "signwatch";
        staged->write(std::as_bytes(std::span(text)));
        staged->sync();
    }

    runtime::BlockingPool& pool_;
    Progress& progress_;
    FileDescriptor root_;
    staging::StagingArea staging_;
    ObjectDirectory objects_;
};

}  // namespace

std::unique_ptr<DocumentStore> open_document_store(const std::filesystem::path& directory,
                                                   runtime::BlockingPool& pool,
                                                   Progress& progress,
                                                   std::uint64_t reserve) {
    return std::make_unique<FileDocumentStore>(directory, pool, progress, reserve);
}

}  // namespace signwatch::filesystem
