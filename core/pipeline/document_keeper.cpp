#include "core/pipeline/document_keeper.hpp"

#include <utility>

#include "core/runtime/gather.hpp"

namespace signwatch::pipeline {

using std::chrono::duration_cast;
using std::chrono::microseconds;

Downloads DocumentKeeper::begin(Account& account, const StatusUpdate& update) {
    Downloads downloads;
    if (update.incomplete) return downloads;
    for (const DocumentRef& ref : update.documents) {
        auto started = std::make_unique<runtime::Started<Intake::Received>>(parts_.loop, download(account, ref));
        downloads.push_back(std::move(started));
    }
    return downloads;
}

Task<void> DocumentKeeper::settle(const Downloads& downloads) {
    for (const auto& each : downloads)
        co_await each->wait();
}

Task<std::vector<StoredDocument>> DocumentKeeper::bring_home(Account& account,
                                                             const StatusUpdate& update,
                                                             std::vector<Intake::Received> received,
                                                             const Downloads& begun) {
    std::vector<Task<StoredDocument>> journeys;
    for (Intake::Received& each : received)
        journeys.push_back(keep(account, update, std::move(each)));
    for (const auto& each : begun)
        journeys.push_back(await(account, update, *each));
    for (const DocumentRef& ref : update.documents) {
        if (begun.empty()) journeys.push_back(fetch(account, update, ref));
    }
    co_return co_await runtime::gather(parts_.loop, std::move(journeys));
}

Task<Intake::Received> DocumentKeeper::download(Account& account, DocumentRef ref) {
    Intake::Received received;
    received.bytes = parts_.documents.stage(account.terms().max_document_size);
    received.document = ref;
    co_await account.provider().download(std::move(ref), *received.bytes);
    co_return received;
}

Task<StoredDocument> DocumentKeeper::fetch(Account& account, const StatusUpdate& update, DocumentRef ref) {
    Intake::Received received = co_await download(account, std::move(ref));
    co_return co_await keep(account, update, std::move(received));
}

Task<StoredDocument> DocumentKeeper::await(Account& account,
                                           const StatusUpdate& update,
                                           runtime::Started<Intake::Received>& begun) {
    Intake::Received received = co_await begun.result();
    co_return co_await keep(account, update, std::move(received));
}

Task<StoredDocument> DocumentKeeper::keep(Account& account, const StatusUpdate& update, Intake::Received received) {
    StoredDocument stored;
    stored.kind = received.document.kind;
    stored.participant = received.document.participant;
    stored.part = received.document.part;
    stored.digest = received.bytes->digest();
    parts_.progress.reached(Step::document_received);

    const Verification proof = co_await verify(account, update, received);
    parts_.progress.reached(Step::document_verified);
    stored.media_type = proof.media_type;
    stored.verification = proof.summary;
    if (account.terms().inspects_documents && proof.signatures > 0) {
        const int descriptor = received.bytes->descriptor();
        const std::string said = co_await inspect(account, stored.kind, descriptor, stored.digest.size);
        stored.verification += said;
    }

    const auto begun = parts_.clock.steady_now();
    const PutResult put = co_await parts_.documents.put(std::move(received.bytes));
    parts_.progress.reached(Step::document_stored);
    stored.uri = put.uri;
    stored.stored_at = parts_.clock.now();
    parts_.observer.document_stored(update, stored, duration_cast<microseconds>(parts_.clock.steady_now() - begun));
    co_return stored;
}

Task<Verification> DocumentKeeper::verify(const Account& account,
                                          const StatusUpdate& update,
                                          const Intake::Received& received) {
    const DocumentKind kind = received.document.kind;
    const int descriptor = received.bytes->descriptor();
    const std::uint64_t size = received.bytes->digest().size;
    try {
        const Verification proof = co_await parts_.verifier.verify(kind, descriptor, size);
        if (kind == DocumentKind::signed_pdf && proof.signatures == 0 && !account.terms().accept_unsigned_pdf) {
            throw Error(ErrorKind::integrity,
                        "pdf_unsigned",
                        "the PDF carries no signature, and accept_unsigned_pdf is not set for this account");
        }
        co_return proof;
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::integrity) parts_.observer.document_rejected(update, kind, error);
        throw;
    }
}

// What the provider says about its own signatures is worth telling, not worth failing for.
Task<std::string> DocumentKeeper::inspect(Account& account, DocumentKind kind, int descriptor, std::uint64_t size) {
    std::string said;
    try {
        const std::string word = co_await account.provider().inspect(kind, descriptor, size);
        said = "; the provider says " + word;
    } catch (const Error& error) {
        said = "; the provider could not be asked (" + error.code() + ")";
    }
    co_return said;
}

}  // namespace signwatch::pipeline
