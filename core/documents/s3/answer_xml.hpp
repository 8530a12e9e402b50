#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/time.hpp"

namespace signwatch::s3 {

/// The readers of the XML that S3 answers with. They refuse declarations of any kind (DOCTYPE, entities, comments),
/// more than 4 MiB and more than 100,000 tags with Error(transient, "s3_answer"): a store that speaks nonsense is a
/// store that does not answer.

/// The Code of an Error document ("NoSuchKey"), at most 64 letters; empty if the body is none.
std::string read_error_code(std::string_view body);

/// The UploadId of an answer to CreateMultipartUpload.
std::string read_upload_id(std::string_view body);

struct ListedObject {
    std::string key;
    std::uint64_t size = 0;
    WallTime modified{};
};

struct ListPage {
    std::vector<ListedObject> objects;
    bool more = false;
};

/// An answer to ListObjectsV2.
ListPage read_list(std::string_view body);

/// The body of CompleteMultipartUpload: the ETags of the parts from number 1.
std::string complete_body(const std::vector<std::string>& etags);

}  // namespace signwatch::s3
