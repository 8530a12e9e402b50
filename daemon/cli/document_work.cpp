#include "daemon/cli/document_work.hpp"

#include <filesystem>

#include "core/domain/error.hpp"
#include "daemon/documents/open_documents.hpp"

namespace signwatch::cli {

std::unique_ptr<DocumentStore> DocumentWork::open(const RecordPlace& place) {
    std::error_code ignored;
    const std::string directory = place.store.documents();
    if (!place.documents.s3 && !std::filesystem::is_directory(directory, ignored)) {
        throw Error(ErrorKind::transient, "store_missing", "there is no readable directory " + directory);
    }
    return open_or_make(place);
}

std::unique_ptr<DocumentStore> DocumentWork::open_or_make(const RecordPlace& place) {
    return daemon::open_documents(loop.get_executor(), place.store, place.documents, *http_, clock_, pool_, progress_)
        .store;
}

}  // namespace signwatch::cli
