#include "core/documents/s3/upload.hpp"

#include <algorithm>
#include <cerrno>
#include <exception>
#include <optional>
#include <unistd.h>
#include <utility>

#include "core/crypto/digest.hpp"
#include "core/crypto/encoding.hpp"
#include "core/documents/s3/answer_error.hpp"
#include "core/documents/s3/answer_xml.hpp"

namespace signwatch::s3 {
namespace {

constexpr std::uint64_t most_parts = 10'000;  // of one upload: AWS, "Amazon S3 multipart upload limits"
constexpr std::size_t longest_etag = 256;

struct Piece {
    std::string bytes;
    std::string sha256;    ///< hex, for the signature
    std::string checksum;  ///< base64, for x-amz-checksum-sha256
};

Piece read_piece(int descriptor, std::uint64_t offset, std::uint64_t size) {
    Piece piece;
    piece.bytes.resize(size);
    std::uint64_t done = 0;
    while (done < size) {
        const ssize_t count =
            ::pread(descriptor, piece.bytes.data() + done, size - done, static_cast<off_t>(offset + done));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) throw Error(ErrorKind::transient, "document_read", "a staged document cannot be read");
        done += static_cast<std::uint64_t>(count);
    }
    const crypto::Sha256Bytes hash = crypto::sha256(piece.bytes);
    piece.sha256 = crypto::to_hex(hash);
    piece.checksum = crypto::to_base64(std::string(hash.begin(), hash.end()));
    return piece;
}

Task<Piece> read_in_pool(runtime::BlockingPool& pool, int descriptor, std::uint64_t offset, std::uint64_t size) {
    return runtime::offload(pool, [=] { return read_piece(descriptor, offset, size); });
}

std::string etag_of(const HttpResponse& response) {
    const std::string_view etag = response.header("ETag").value_or("");
    if (etag.empty() || etag.size() > longest_etag) {
        throw Error(ErrorKind::transient, "s3_answer", "S3: the answer to a part has no ETag");
    }
    return std::string(etag);
}

}  // namespace

Task<Upload::Outcome> Upload::put(int descriptor, DocumentDigest digest, std::string key, bool if_absent) {
    if (digest.size > settings_.multipart_threshold) return put_in_parts(descriptor, digest.size, std::move(key));
    return put_whole(descriptor, std::move(digest), std::move(key), if_absent);
}

std::vector<HttpHeader> Upload::encryption() const {
    if (settings_.encryption == Encryption::none) return {};
    if (settings_.encryption == Encryption::s3) return {{"x-amz-server-side-encryption", "AES256"}};
    std::vector<HttpHeader> headers{{"x-amz-server-side-encryption", "aws:kms"}};
    if (!settings_.kms_key_id.empty()) {
        headers.push_back({"x-amz-server-side-encryption-aws-kms-key-id", settings_.kms_key_id});
    }
    return headers;
}

Task<Upload::Outcome> Upload::put_whole(int descriptor, DocumentDigest digest, std::string key, bool if_absent) {
    Piece piece = co_await read_in_pool(pool_, descriptor, 0, digest.size);
    if (piece.sha256 != digest.sha256) {
        throw Error(ErrorKind::transient, "document_read", "a staged document changed before it was stored");
    }
    Call call;
    call.method = "PUT";
    call.key = key;
    call.headers = encryption();
    call.headers.push_back({"x-amz-checksum-sha256", piece.checksum});
    const bool conditional = if_absent && conditional_;
    if (conditional) {
        call.headers.push_back({"If-None-Match", "*"});
        call.understood = {412, 501};
    }
    call.body = std::move(piece.bytes);
    call.body_sha256 = piece.sha256;
    call.transfers = true;
    const HttpResponse response = co_await bucket_.call(std::move(call));
    if (response.status == 412) co_return Outcome::was_there;
    if (response.status == 501) {
        conditional_ = false;
        co_return co_await put_whole(descriptor, std::move(digest), std::move(key), false);
    }
    const bool proved = response.header("x-amz-checksum-sha256") == piece.checksum;
    co_return proved ? Outcome::proved : Outcome::stored;
}

Task<Upload::Outcome> Upload::put_in_parts(int descriptor, std::uint64_t size, std::string key) {
    const std::string upload = co_await begin(key);
    std::exception_ptr failure;
    try {
        std::vector<std::string> etags = co_await put_parts(descriptor, size, key, upload);
        co_await complete(key, upload, std::move(etags));
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) {
        co_await abort(key, upload);
        std::rethrow_exception(failure);
    }
    co_return Outcome::stored;
}

Task<std::string> Upload::begin(std::string key) {
    Call call;
    call.method = "POST";
    call.key = std::move(key);
    call.query.emplace_back("uploads", "");
    call.headers = encryption();
    const HttpResponse response = co_await bucket_.call(std::move(call));
    co_return read_upload_id(response.body);
}

Task<std::vector<std::string>> Upload::put_parts(int descriptor,
                                                 std::uint64_t size,
                                                 std::string key,
                                                 std::string upload) {
    const std::uint64_t part_size = std::max(settings_.part_size, (size + most_parts - 1) / most_parts);
    std::vector<std::string> etags;
    for (std::uint64_t offset = 0; offset < size; offset += part_size) {
        const std::uint64_t length = std::min(part_size, size - offset);
        Piece piece = co_await read_in_pool(pool_, descriptor, offset, length);
        Call call;
        call.method = "PUT";
        call.key = key;
        call.query.emplace_back("partNumber", std::to_string(etags.size() + 1));
        call.query.emplace_back("uploadId", upload);
        call.body = std::move(piece.bytes);
        call.body_sha256 = piece.sha256;
        call.transfers = true;
        const HttpResponse response = co_await bucket_.call(std::move(call));
        etags.push_back(etag_of(response));
    }
    co_return etags;
}

Task<void> Upload::complete(std::string key, std::string upload, std::vector<std::string> etags) {
    Call call;
    call.method = "POST";
    call.key = std::move(key);
    call.query.emplace_back("uploadId", std::move(upload));
    call.body = complete_body(etags);
    call.transfers = true;
    HttpResponse response = co_await bucket_.call(std::move(call));
    // S3 may say 200 before it knows, and tell the failure in the body.
    if (read_error_code(response.body).empty()) co_return;
    response.status = 500;
    throw refusal_of(response).error;
}

// What cannot be aborted stays until the bucket's own rule for unfinished uploads removes it.
Task<void> Upload::abort(std::string key, std::string upload) {
    Call call;
    call.method = "DELETE";
    call.key = std::move(key);
    call.query.emplace_back("uploadId", std::move(upload));
    call.understood = {404};
    try {
        co_await bucket_.call(std::move(call));
    } catch (const Error&) {
    }
}

}  // namespace signwatch::s3
