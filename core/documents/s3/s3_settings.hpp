#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/domain/time.hpp"

namespace signwatch::s3 {

enum class Encryption {
    none,  ///< whatever the bucket does by itself
    s3,    ///< SSE-S3: x-amz-server-side-encryption: AES256
    kms,   ///< SSE-KMS: aws:kms, with kms_key_id unless it is empty
};

/// Where the documents are, and how they are put there.
struct S3Settings {
    std::string endpoint;  ///< "https://host[:port]"
    std::string region;    ///< as it is signed
    std::string bucket;
    std::string prefix;           ///< before every key: empty, or ending with '/'
    bool virtual_hosted = false;  ///< https://BUCKET.host/KEY instead of https://host/BUCKET/KEY

    std::string access_key_id_file;
    std::string secret_access_key_file;
    std::string session_token_file;  ///< may be empty
    std::string ca_file;             ///< empty: the authorities of the system

    Encryption encryption = Encryption::none;
    std::string kms_key_id;

    std::uint64_t multipart_threshold = 16 << 20;  ///< larger documents go in parts
    std::uint64_t part_size = 8 << 20;             ///< at least 5 MiB; this much is held in memory for each put
    bool read_back = false;  ///< read every document back, even if the server said which checksum it computed
    milliseconds connect_timeout{5'000};
    milliseconds request_timeout{30'000};    ///< for a call without a document
    milliseconds transfer_timeout{600'000};  ///< for a call that carries one, or a part of one
    milliseconds first_retry{200};           ///< doubled for each further one
    int max_connections = 16;

    std::filesystem::path staging;  ///< the directory in which documents are received
    std::uint64_t reserve = 64 << 20;
};

}  // namespace signwatch::s3
