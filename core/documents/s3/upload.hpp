#pragma once

#include <string>
#include <vector>

#include "core/documents/s3/bucket.hpp"
#include "core/domain/document.hpp"
#include "core/runtime/offload.hpp"

namespace signwatch::s3 {

/// Carries a staged document into the bucket. Event-loop thread; reading and hashing happen in the pool.
class Upload {
public:
    enum class Outcome {
        proved,     ///< stored, and the server computed the same checksum over what it received
        stored,     ///< stored, and to be read back
        was_there,  ///< `if_absent`, and an object has that key
    };

    Upload(Bucket& bucket, const S3Settings& settings, runtime::BlockingPool& pool)
        : bucket_(bucket), settings_(settings), pool_(pool) {}

    /// `descriptor`: the bytes, readable by pread until this returns. A small document goes in one request; a larger
    /// one in parts, one after the other, and the upload is aborted if one fails. `if_absent` is best effort: servers
    /// that do not know If-None-Match overwrite, which is fine because the bytes decide the key.
    Task<Outcome> put(int descriptor, DocumentDigest digest, std::string key, bool if_absent);

private:
    Task<Outcome> put_whole(int descriptor, DocumentDigest digest, std::string key, bool if_absent);
    Task<Outcome> put_in_parts(int descriptor, std::uint64_t size, std::string key);
    Task<std::vector<std::string>> put_parts(int descriptor, std::uint64_t size, std::string key, std::string upload);
    Task<std::string> begin(std::string key);
    Task<void> complete(std::string key, std::string upload, std::vector<std::string> etags);
    Task<void> abort(std::string key, std::string upload);
    std::vector<HttpHeader> encryption() const;

    Bucket& bucket_;
    const S3Settings& settings_;
    runtime::BlockingPool& pool_;
    bool conditional_ = true;  ///< false: this server refused If-None-Match
};

}  // namespace signwatch::s3
