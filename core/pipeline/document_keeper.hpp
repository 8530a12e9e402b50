#pragma once

#include <vector>

#include "core/pipeline/account.hpp"
#include "core/pipeline/intake.hpp"
#include "core/pipeline/line_parts.hpp"

namespace signwatch::pipeline {

/// The middle of the line: fetches an update's documents, proves that they are what they claim, and stores them
/// durably. Event-loop thread.
class DocumentKeeper {
public:
    explicit DocumentKeeper(LineParts parts) : parts_(std::move(parts)) {}

    /// All documents of the update, those received already and those still to be fetched, side by side. When it returns
    /// they survive a power cut; an Error of any is the Error of all.
    Task<std::vector<StoredDocument>> bring_home(Account& account,
                                                 const StatusUpdate& update,
                                                 std::vector<Intake::Received> received);

private:
    Task<StoredDocument> fetch(Account& account, const StatusUpdate& update, DocumentRef ref);
    Task<StoredDocument> keep(Account& account, const StatusUpdate& update, Intake::Received received);
    Task<Verification> verify(const Account& account, const StatusUpdate& update, const Intake::Received& received);
    Task<std::string> inspect(Account& account, DocumentKind kind, int descriptor, std::uint64_t size);

    LineParts parts_;
};

}  // namespace signwatch::pipeline
