#pragma once

#include <cstdint>
#include <string>

#include "core/ports/http.hpp"
#include "core/ports/provider.hpp"
#include "providers/signhub/mapping.hpp"
#include "providers/signhub/pace.hpp"

/// What SignHub's answers mean (adobe-signhub 2.4). Pure functions, but for the sink that passes a document on.
namespace signwatch::signhub {

/// Reads the answer to a look at the watch's flow, which came at `now` (schedule timeline). A 429 holds the account; a
/// success that cannot be believed is unreadable, and kept masked. Throws the Error of error_for for anything else.
PollResult read_poll(HttpResponse response,
                     const Watch& watch,
                     WallTime now,
                     const ReadingRules& rules,
                     const Pace& pace,
                     const Pseudonymise& pseudonymise);

/// Classifies an answer that is not a success (rule 1).
Error error_for(const HttpResponse& response);

/// Looks at the first bytes of a document before anything is passed on: content types lie (rules 2 and 7).
class PdfSink final : public DocumentSink {
public:
    explicit PdfSink(DocumentSink& next) : next_(next) {}

    void write(std::span<const std::byte> bytes) override;

    bool passes() const { return passes_; }
    /// What came instead of a document: its first 2 KiB.
    const std::string& beginning() const { return beginning_; }

private:
    DocumentSink& next_;
    std::string beginning_;
    bool passes_ = false;
};

/// Checks the answer to a download whose bytes went to `sink` (rules 7 and 8). Throws Error.
void check_download(const HttpResponse& response, const PdfSink& sink);

/// What the provider says of a document's signatures.
std::string read_inspection(const HttpResponse& response);

}  // namespace signwatch::signhub
