#pragma once

#include <memory>
#include <vector>

#include "core/pipeline/account.hpp"
#include "core/pipeline/intake.hpp"
#include "core/pipeline/line_parts.hpp"
#include "core/runtime/started.hpp"

namespace signwatch::pipeline {

/// Downloads that have begun before it is known whether they are wanted, in the order of the update's documents.
using Downloads = std::vector<std::unique_ptr<runtime::Started<Intake::Received>>>;

/// The middle of the line: fetches an update's documents, proves that they are what they claim, and stores them
/// durably. Event-loop thread.
class DocumentKeeper {
public:
    explicit DocumentKeeper(LineParts parts) : parts_(std::move(parts)) {}

    /// Begins to download the documents of an update that is not recorded yet: nobody looks into them before
    /// bring_home. Wait for them in any case, with `settle`.
    Downloads begin(Account& account, const StatusUpdate& update);
    static Task<void> settle(const Downloads& downloads);

    /// All documents of the update, side by side: those received already, those whose download has begun, or else those
    /// still to be fetched. When it returns they survive a power cut; an Error of any is the Error of all.
    Task<std::vector<StoredDocument>> bring_home(Account& account,
                                                 const StatusUpdate& update,
                                                 std::vector<Intake::Received> received,
                                                 const Downloads& begun);

private:
    Task<Intake::Received> download(Account& account, DocumentRef ref);
    Task<StoredDocument> fetch(Account& account, const StatusUpdate& update, DocumentRef ref);
    Task<StoredDocument> await(Account& account, const StatusUpdate& update, runtime::Started<Intake::Received>& begun);
    Task<StoredDocument> keep(Account& account, const StatusUpdate& update, Intake::Received received);
    Task<Verification> verify(const Account& account, const StatusUpdate& update, const Intake::Received& received);
    Task<std::string> inspect(Account& account, DocumentKind kind, int descriptor, std::uint64_t size);

    LineParts parts_;
};

}  // namespace signwatch::pipeline
