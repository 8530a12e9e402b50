#pragma once

#include <memory>

#include "core/config/configuration.hpp"
#include "core/documents/s3/s3_document_store.hpp"
#include "core/ports/progress.hpp"

namespace signwatch::daemon {

/// Where documents are by the configuration: in the store's directory, or in a bucket.
struct OpenDocuments {
    std::unique_ptr<DocumentStore> store;
    s3::S3DocumentStore* bucket = nullptr;  ///< the same, if it is a bucket
};

/// Everything given outlives the result. Throws what the stores throw when they are opened; a bucket is not called yet.
OpenDocuments open_documents(const boost::asio::any_io_executor& loop,
                             const config::StoreSettings& store,
                             const config::DocumentSettings& documents,
                             HttpClientFactory& http,
                             Clock& clock,
                             runtime::BlockingPool& pool,
                             Progress& progress);

/// [documents] as the adapter wants it. What is being received stays below the store's directory.
s3::S3Settings s3_settings(const config::StoreSettings& store, const config::DocumentSettings& documents);

}  // namespace signwatch::daemon
