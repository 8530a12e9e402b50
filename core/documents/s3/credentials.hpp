#pragma once

#include <string>

#include "core/documents/s3/s3_settings.hpp"
#include "core/domain/sensitive.hpp"

namespace signwatch::s3 {

/// Who we are to the server. Move only.
struct Credentials {
    std::string access_key_id;
    Secret secret_access_key;
    Secret session_token;  ///< empty: the key is a lasting one
};

/// Reads the first line of each file. Throws Error(permanent, "credential_file") naming the file that cannot be read,
/// is empty, or holds what cannot stand in a header.
Credentials read_credentials(const S3Settings& settings);

}  // namespace signwatch::s3
