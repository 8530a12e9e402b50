#pragma once

#include <optional>
#include <string>

#include "core/ports/http.hpp"
#include "core/ports/provider.hpp"

/// What Adobe's answers mean (adobe-signhub 1.3 to 1.6). Pure functions of the answer and the moment it came (civil
/// time), but for the sink that passes a document on.
namespace signwatch::adobe_sign {

bool is_success(int status);

/// Classifies an answer that is not a success. Of the body only a code word and the apiActionId get into the text.
Error error_for(const HttpResponse& response, WallTime now);

/// The result of a poll that was answered with 429; the account stays away. nullopt for any other answer.
std::optional<PollResult> throttled(const HttpResponse& response, WallTime now, const PollMemory& memory);

/// A success that nobody could read; asked again after `wait`.
PollResult unreadable(const Error& error, std::string body, const PollMemory& memory, milliseconds wait);

/// The ETag as it came, to be sent back just so; empty if there is none, or none that can be a header.
std::string etag_of(const HttpResponse& response);

/// Looks at the first KiB before anything is passed on: content types lie.
class PdfSink final : public DocumentSink {
public:
    explicit PdfSink(DocumentSink& next) : next_(next) {}

    void write(std::span<const std::byte> bytes) override;

    /// After the last byte: whether a PDF was passed on. Throws Error: transient "document_empty" for nothing,
    /// integrity "document_html" or "pdf_not_pdf" for something else.
    void check() const;

private:
    DocumentSink& next_;
    std::string beginning_;
    bool passes_ = false;
};

/// Passes everything on and counts it.
class CountingSink final : public DocumentSink {
public:
    explicit CountingSink(DocumentSink& next) : next_(next) {}

    void write(std::span<const std::byte> bytes) override {
        next_.write(bytes);
        empty_ = empty_ && bytes.empty();
    }
    /// Throws Error(transient, "document_empty") if nothing came.
    void check() const;

private:
    DocumentSink& next_;
    bool empty_ = true;
};

}  // namespace signwatch::adobe_sign
