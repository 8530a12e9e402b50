#include "daemon/documents/open_documents.hpp"

#include "core/documents/filesystem/file_document_store.hpp"

namespace signwatch::daemon {

s3::S3Settings s3_settings(const config::StoreSettings& store, const config::DocumentSettings& documents) {
    s3::S3Settings settings;
    settings.endpoint = documents.endpoint;
    settings.region = documents.region;
    settings.bucket = documents.bucket;
    settings.prefix = documents.prefix;
    settings.virtual_hosted = documents.virtual_hosted;
    settings.access_key_id_file = documents.access_key_id_file;
    settings.secret_access_key_file = documents.secret_access_key_file;
    settings.session_token_file = documents.session_token_file;
    settings.ca_file = documents.ca_file;
    if (documents.encryption == "s3") settings.encryption = s3::Encryption::s3;
    if (documents.encryption == "kms") settings.encryption = s3::Encryption::kms;
    settings.kms_key_id = documents.kms_key_id;
    settings.multipart_threshold = documents.multipart_threshold;
    settings.part_size = documents.part_size;
    settings.read_back = documents.read_back;
    settings.connect_timeout = documents.connect_timeout;
    settings.request_timeout = documents.request_timeout;
    settings.transfer_timeout = documents.transfer_timeout;
    settings.max_connections = documents.max_connections;
    settings.staging = store.documents();
    return settings;
}

OpenDocuments open_documents(const boost::asio::any_io_executor& loop,
                             const config::StoreSettings& store,
                             const config::DocumentSettings& documents,
                             HttpClientFactory& http,
                             Clock& clock,
                             runtime::BlockingPool& pool,
                             Progress& progress) {
    OpenDocuments opened;
    if (documents.s3) {
        auto bucket = s3::open_document_store(loop, s3_settings(store, documents), http, clock, pool);
        opened.bucket = bucket.get();
        opened.store = std::move(bucket);
    } else {
        opened.store = filesystem::open_document_store(store.documents(), pool, progress);
    }
    return opened;
}

}  // namespace signwatch::daemon
