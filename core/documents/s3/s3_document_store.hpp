#pragma once

#include <memory>

#include "core/documents/s3/credentials.hpp"
#include "core/documents/s3/s3_settings.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/document_store.hpp"
#include "core/ports/http.hpp"
#include "core/runtime/offload.hpp"

namespace signwatch::s3 {

/// DocumentStore in a bucket, under `<prefix><first two digits>/<sha256>`. Event-loop thread.
class S3DocumentStore : public DocumentStore {
public:
    /// Credentials read anew (a reload, a rotated session token): later calls are signed with them.
    virtual void adopt(Credentials credentials) = 0;
};

/// Documents in S3-compatible storage, received under `settings.staging` like those of the directory. A document counts
/// as durable when the server has said 200 and either named the SHA-256 that it computed over what it received, or the
/// bytes were read back and have their hash; documents in parts are always read back. ETags are not trusted: they
/// are no hash of an object that is encrypted or was sent in parts. Bytes that are there already are looked at the same
/// way, replaced if they differ, and written anew if their time is older than put_at_slack.
///
/// Everything given outlives the store. Throws Error: "credential_file", "tls_material", "document_store_open". Codes
/// besides those of the port: those of refusal_of, "document_unverified" (what was read back is not what was sent),
/// "s3_answer"; transient, all of them.
std::unique_ptr<S3DocumentStore> open_document_store(const boost::asio::any_io_executor& loop,
                                                     S3Settings settings,
                                                     HttpClientFactory& http,
                                                     Clock& clock,
                                                     runtime::BlockingPool& pool);

}  // namespace signwatch::s3
