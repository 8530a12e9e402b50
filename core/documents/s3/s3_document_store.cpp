#include "core/documents/s3/s3_document_store.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/crypto/digest.hpp"
#include "core/crypto/encoding.hpp"
#include "core/documents/s3/answer_xml.hpp"
#include "core/documents/s3/bucket.hpp"
#include "core/documents/s3/key_turns.hpp"
#include "core/documents/s3/upload.hpp"
#include "core/documents/staging/staging_area.hpp"

namespace signwatch::s3 {
namespace {

using staging::is_id;

constexpr std::size_t most_listed = 1'000;  // of one answer

// Passes bytes on, if anybody wants them, and hashes them on the way.
class HashingSink : public DocumentSink {
public:
    explicit HashingSink(DocumentSink* sink = nullptr) : sink_(sink) {}
    void write(std::span<const std::byte> bytes) override {
        hash_.update(bytes);
        if (sink_) sink_->write(bytes);
    }
    std::string sha256() const { return hash_.hex(); }

private:
    DocumentSink* sink_;
    crypto::Sha256 hash_;
};

// "00" to "ff" twice 32: the hash as the server says it.
std::string base64_of(const std::string& sha256) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < sha256.size(); i += 2) {
        unsigned byte = 0;
        std::from_chars(sha256.data() + i, sha256.data() + i + 2, byte, 16);
        bytes += static_cast<char>(byte);
    }
    return crypto::to_base64(bytes);
}

[[noreturn]] void refuse_answer(const char* what) {
    throw Error(ErrorKind::transient, "s3_answer", std::string("S3: the answer of the server ") + what);
}

std::uint64_t size_in(const HttpResponse& response) {
    const std::string_view text = response.header("Content-Length").value_or("");
    std::uint64_t size = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), size);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) refuse_answer("does not say the size");
    return size;
}

WallTime modified_in(const HttpResponse& response) {
    const auto time = parse_http_date(response.header("Last-Modified").value_or(""));
    if (!time) refuse_answer("does not say when the object was written");
    return *time;
}

/// What is under a document's key.
struct Standing {
    bool there = false;
    bool intact = false;  ///< the right bytes
    bool recent = false;  ///< put not longer than put_at_slack ago, by the server's clock
};

class BucketStore : public S3DocumentStore {
public:
    BucketStore(const boost::asio::any_io_executor& loop,
                S3Settings settings,
                HttpClientFactory& http,
                Clock& clock,
                runtime::BlockingPool& pool)
        : settings_(std::move(settings)),
          root_(staging::open_root(settings_.staging)),
          staging_(root_, settings_.reserve),
          bucket_(settings_, read_credentials(settings_), http, clock),
          upload_(bucket_, settings_, pool),
          turns_(loop, static_cast<std::size_t>(settings_.max_connections)),
          probe_key_(settings_.prefix + "probe-" + crypto::sha256_hex(crypto::random_bytes(16)).substr(0, 16)) {}

    void adopt(Credentials credentials) override { bucket_.adopt(std::move(credentials)); }

    std::unique_ptr<StagedDocument> stage(std::uint64_t max_size) override { return staging_.stage(max_size); }

    Task<PutResult> put(std::unique_ptr<StagedDocument> document) override {
        return store(staging::as_staged_file(std::move(document)));
    }

    Task<std::optional<std::uint64_t>> stat(std::string sha256) override {
        std::optional<std::uint64_t> size;
        if (!is_id(sha256)) co_return size;
        const HttpResponse response = co_await head(sha256);
        if (response.status != 404) size = size_in(response);
        co_return size;
    }

    Task<void> get(std::string sha256, DocumentSink& sink) override {
        HashingSink hashing(&sink);
        bool there = false;
        if (is_id(sha256)) there = co_await read(sha256, hashing);
        if (!there) throw Error(ErrorKind::permanent, "document_missing", "no such document in the store");
        if (hashing.sha256() != sha256) {
            throw Error(ErrorKind::integrity, "document_corrupt", "a stored document no longer has its hash");
        }
    }

    Task<bool> remove(std::string sha256) override { return remove_unused(std::move(sha256), WallTime::max()); }

    Task<bool> remove_unused(std::string sha256, WallTime before) override {
        if (!is_id(sha256)) co_return false;
        const KeyTurns::Turn turn = co_await turns_.take(sha256);
        const HttpResponse response = co_await head(sha256);
        if (response.status == 404 || modified_in(response) >= before) co_return false;
        const std::string key = key_of(sha256);
        co_await erase(key);
        co_return true;
    }

    Task<std::vector<ListedDocument>> list(std::string after, std::size_t limit) override {
        std::vector<ListedDocument> found;
        std::string behind = after.empty() ? settings_.prefix : key_of(after);
        bool more = limit > 0;
        while (more && found.size() < limit) {
            const std::size_t wanted = std::min(most_listed, limit - found.size());
            const ListPage page = co_await list_page(behind, wanted);
            for (const ListedObject& object : page.objects) {
                if (object.key <= behind) refuse_answer("lists keys out of order");
                behind = object.key;
                const std::string sha256 = object.key.substr(object.key.rfind('/') + 1);
                const bool document = is_id(sha256) && object.key == key_of(sha256);
                if (document && found.size() < limit) found.push_back({sha256, object.size, object.modified});
            }
            more = page.more && !page.objects.empty();
        }
        co_return found;
    }

    Task<void> probe() override {
        staging_.require_space();
        Call call;
        call.method = "PUT";
        call.key = probe_key_;
        call.body = "signwatch";
        co_await bucket_.call(std::move(call));
        co_await erase(probe_key_);
    }

private:
    std::string key_of(const std::string& sha256) const {
        return settings_.prefix + sha256.substr(0, 2) + "/" + sha256;
    }

    Task<PutResult> store(std::unique_ptr<staging::StagedFile> staged) {
        const DocumentDigest digest = staged->digest();
        PutResult result;
        result.uri = "s3://" + settings_.bucket + "/" + key_of(digest.sha256);
        const KeyTurns::Turn turn = co_await turns_.take(digest.sha256);
        Standing standing = co_await look_at(digest);
        if (!standing.there) {
            const bool made = co_await write(*staged, digest, true);
            if (made) co_return result;
            standing = co_await look_at(digest);  // another replica was faster
        }
        result.existed = standing.intact;
        if (!standing.intact || !standing.recent) co_await write(*staged, digest, false);
        co_return result;
    }

    /// False: `if_absent`, and an object is there.
    Task<bool> write(staging::StagedFile& staged, DocumentDigest digest, bool if_absent) {
        const int descriptor = staged.descriptor();
        const std::string key = key_of(digest.sha256);
        const Upload::Outcome outcome = co_await upload_.put(descriptor, digest, key, if_absent);
        if (outcome == Upload::Outcome::was_there) co_return false;
        if (outcome == Upload::Outcome::proved && !settings_.read_back) co_return true;
        const bool intact = co_await reads_back(digest.sha256);
        if (!intact) {
            throw Error(
                ErrorKind::transient, "document_unverified", "S3: a document read back is not the one that was sent");
        }
        co_return true;
    }

    Task<Standing> look_at(DocumentDigest digest) {
        Standing standing;
        const HttpResponse response = co_await head(digest.sha256);
        if (response.status == 404) co_return standing;
        standing.there = true;
        const WallTime now = parse_http_date(response.header("Date").value_or("")).value_or(bucket_.clock().now());
        standing.recent = now - modified_in(response) < put_at_slack;
        if (size_in(response) != digest.size) co_return standing;
        standing.intact = !settings_.read_back && response.header("x-amz-checksum-sha256") == base64_of(digest.sha256);
        if (!standing.intact) standing.intact = co_await reads_back(digest.sha256);
        co_return standing;
    }

    Task<bool> reads_back(std::string sha256) {
        HashingSink hashing;
        const bool there = co_await read(sha256, hashing);
        co_return there&& hashing.sha256() == sha256;
    }

    /// False if it is not there.
    Task<bool> read(std::string sha256, DocumentSink& sink) {
        Call call;
        call.key = key_of(sha256);
        call.transfers = true;
        call.understood = {404};
        const HttpResponse response = co_await bucket_.call(std::move(call), &sink);
        if (response.status == 404 && read_error_code(response.body) == "NoSuchBucket") {
            throw Error(ErrorKind::transient, "s3_bucket", "S3: there is no such bucket");
        }
        co_return response.status == 200;
    }

    Task<HttpResponse> head(std::string sha256) {
        Call call;
        call.method = "HEAD";
        call.key = key_of(sha256);
        call.headers.push_back({"x-amz-checksum-mode", "ENABLED"});
        call.understood = {404};
        return bucket_.call(std::move(call));
    }

    Task<void> erase(std::string key) {
        Call call;
        call.method = "DELETE";
        call.key = std::move(key);
        call.understood = {404};
        co_await bucket_.call(std::move(call));
    }

    Task<ListPage> list_page(std::string behind, std::size_t wanted) {
        Call call;
        call.query.emplace_back("list-type", "2");
        call.query.emplace_back("max-keys", std::to_string(wanted));
        call.query.emplace_back("prefix", settings_.prefix);
        if (!behind.empty()) call.query.emplace_back("start-after", std::move(behind));
        const HttpResponse response = co_await bucket_.call(std::move(call));
        co_return read_list(response.body);
    }

    const S3Settings settings_;
    staging::FileDescriptor root_;
    staging::StagingArea staging_;
    Bucket bucket_;
    Upload upload_;
    KeyTurns turns_;
    std::string probe_key_;
};

}  // namespace

std::unique_ptr<S3DocumentStore> open_document_store(const boost::asio::any_io_executor& loop,
                                                     S3Settings settings,
                                                     HttpClientFactory& http,
                                                     Clock& clock,
                                                     runtime::BlockingPool& pool) {
    return std::make_unique<BucketStore>(loop, std::move(settings), http, clock, pool);
}

}  // namespace signwatch::s3
