#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/domain/document.hpp"
#include "core/ports/task.hpp"

namespace signwatch {

/// Takes the bytes of a document as they arrive. Event-loop thread.
class DocumentSink {
public:
    virtual ~DocumentSink() = default;

    /// Throws Error: integrity "document_too_large" when the cap is passed, transient "document_write" when the disk
    /// refuses.
    virtual void write(std::span<const std::byte> bytes) = 0;
};

/// A document being received: a private temporary file, hashed while it is written. Destroying it removes the bytes.
class StagedDocument : public DocumentSink {
public:
    /// Size and hash of all bytes so far.
    virtual DocumentDigest digest() = 0;

    /// A readable descriptor on the bytes, for the verifier; valid until this object is destroyed or put.
    virtual int descriptor() = 0;
};

struct PutResult {
    std::string uri;       ///< where consumers find the document
    bool existed = false;  ///< the same bytes were stored before
};

/// A stored document as a listing shows it.
struct ListedDocument {
    std::string sha256;
    std::uint64_t size = 0;
    WallTime put_at{};  ///< when these bytes were last put, by the store's own clock
};

/// Putting bytes that are there already may leave their `put_at` as it is while it is not older than this.
constexpr milliseconds put_at_slack = std::chrono::hours{1};

/// Keeps documents, addressed by the SHA-256 of their bytes. Ids from outside never become paths.
class DocumentStore {
public:
    virtual ~DocumentStore() = default;

    /// `max_size` caps what the sink accepts.
    virtual std::unique_ptr<StagedDocument> stage(std::uint64_t max_size) = 0;

    /// Makes a staged document durable: when this returns, it survives a power cut. Storing the same bytes again is
    /// fine.
    virtual Task<PutResult> put(std::unique_ptr<StagedDocument> document) = 0;

    /// The size of a stored document; nullopt if it is not there.
    virtual Task<std::optional<std::uint64_t>> stat(std::string sha256) = 0;

    /// Copies a stored document into `sink`, checking its hash on the way: Error(integrity, "document_corrupt") if it
    /// differs. Error(permanent, "document_missing") if it is not there.
    virtual Task<void> get(std::string sha256, DocumentSink& sink) = 0;

    /// Removes a stored document; false if it was not there.
    virtual Task<bool> remove(std::string sha256) = 0;

    /// Removes a document that nobody has put since `before`; false if somebody has, or if it was not there. The same
    /// bytes put by this process meanwhile are never lost: they stay, or are stored anew. Choose `before` further back
    /// than put_at_slack.
    virtual Task<bool> remove_unused(std::string sha256, WallTime before) = 0;

    /// The documents whose hash is above `after` (empty: from the first), by rising hash, at most `limit`: none means
    /// the end. One that is put or removed meanwhile may be shown or not. Their bytes are not read.
    virtual Task<std::vector<ListedDocument>> list(std::string after, std::size_t limit) = 0;

    /// Writes, syncs and removes a small probe: throws Error(transient) while documents could not be stored.
    virtual Task<void> probe() = 0;
};

}  // namespace signwatch
