#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/domain/document.hpp"
#include "core/domain/error.hpp"
#include "core/domain/hint.hpp"
#include "core/domain/status_update.hpp"
#include "core/domain/watch.hpp"
#include "core/ports/document_store.hpp"
#include "core/ports/task.hpp"

namespace signwatch {

/// How many calls a provider allows in any stretch of time that long; 0: no such limit. Kept durably, so that restarts
/// do not start a fresh budget.
struct CallLimits {
    int per_minute = 0;
    int per_hour = 0;
    int per_day = 0;
    int per_month = 0;  ///< any 31 days
};

/// Whether documents can be fetched a second time, after ours were damaged.
enum class DocumentsAgain {
    never,
    until_acknowledged,  ///< by reference, as long as the provider has not been told that they are safe
    by_reference,        ///< as the update names them
    as_a_whole,          ///< by asking for all of the process: Provider::complete
};

/// What the pipeline has to know about an account to treat its provider politely. Fixed for the life of a Provider.
struct AccountTerms {
    std::string account;
    ProviderKind provider = ProviderKind::posten;
    std::string budget_key;  ///< accounts with the same key share one rate budget (Posten: environment/organisation)
    double calls_per_second = 8;  ///< all calls counted; 0: no limit
    CallLimits limits;
    int max_polls = 64;                     ///< polls under way at once
    int max_in_flight = 16;                 ///< updates taken and not yet finished
    milliseconds process_interval{};        ///< how often a single process is looked at; 0: queues bring its updates
    milliseconds shortest_interval{1'000};  ///< that a caller may ask for
    /// The same question about a process must not be asked again earlier than this, whoever wants to know: not by a
    /// hint, not after a failure, not after a crash (Adobe's minimum object polling interval); 0: no such rule.
    milliseconds repeat_gap{};
    bool adopts = false;             ///< hints about processes that nobody has registered register them
    milliseconds unanswered_wait{};  ///< how long to stay away after a poll whose answer we never saw (crash, restart)
    milliseconds acknowledge_window{
        std::chrono::minutes{8}};       ///< non-final updates: no acknowledgement later than this
    int max_attempts = 8;               ///< failed verifications or permanent errors before an update is parked
    milliseconds first_backoff{5'000};  ///< after one failure; doubles with each further one
    milliseconds longest_backoff{std::chrono::minutes{10}};
    std::uint64_t max_document_size = 100ULL << 20;
    bool accept_unsigned_pdf = false;  ///< a signed_pdf without a PDF signature is fine here, and marked so
    DocumentsAgain documents_again = DocumentsAgain::never;
    bool completed_has_documents = false;  ///< a completed process always leaves at least one document
    bool inspects_documents = false;  ///< the provider itself is asked about each signed document: Provider::inspect
};

/// A body that could not be read as an update. It is kept, never acknowledged, and raises an alert.
struct UnreadableAnswer {
    std::string code;  ///< short fixed token, e.g. "xml_doctype"
    std::string body;
};

enum class PollVerdict { updated, empty, throttled, unreadable };

struct PollResult {
    PollVerdict verdict = PollVerdict::empty;
    std::vector<StatusUpdate> updates;
    std::optional<UnreadableAnswer> unreadable;
    milliseconds wait{};                     ///< earliest next poll, from the moment the answer came; 0: at once
    bool wait_for_account = false;           ///< the wait concerns every watch of the account, not this one alone
    PollMemory memory;                       ///< what the next poll has to know
    std::optional<std::string> bookmark;     ///< replaces the watch's; durable only after `hints` are
    std::vector<ProcessHint> hints;          ///< what a sweep found worth a look
    std::vector<WatchKey> due_now;           ///< standing watches of the account that have to be polled now
    std::optional<bool> webhooks_work;       ///< what the provider says of our webhooks, if it was asked
    std::optional<milliseconds> clock_skew;  ///< provider's clock minus ours, when its answer told
    bool permitted_time_missing = false;     ///< the answer lacked a usable permitted time
    bool permitted_time_capped = false;      ///< the answer's permitted time was absurdly far away and was capped
};

class Webhooks;

/// How an acknowledgement ended; failures that should be tried again are thrown as Error.
enum class AcknowledgeOutcome {
    done,
    gone,  ///< 404, 409 or 410: means success only if our journal has an earlier attempt
};

/// Takes documents that come along with an answer, before anyone could say how many there are.
class DocumentIntake {
public:
    virtual ~DocumentIntake() = default;

    /// Where the bytes of this document go; valid until the call that received it ends. `document.locator` is not used.
    virtual DocumentSink& receive(DocumentRef document) = 0;
};

/// One account at one provider. Providers never retry, sleep or schedule: they do one call and classify what came back.
/// All methods run on the event-loop thread; every failure is an Error.
class Provider {
public:
    virtual ~Provider() = default;

    virtual const AccountTerms& terms() const = 0;

    /// The watches that the configuration implies (queues, sweeps).
    virtual std::vector<WatchKey> standing_watches() const = 0;

    /// Polls once.
    virtual Task<PollResult> poll(Watch watch) = 0;

    /// Asks for what an `incomplete` update left open, in one call: gives the update with its signers, reason and final
    /// state filled in. Documents that come with the answer go to `intake`; those still to be fetched stand in the
    /// result's `documents`. Repeated from the row after a failure. `intake` outlives the call.
    virtual Task<StatusUpdate> complete(StatusUpdate update, DocumentIntake& intake);

    /// What to record of a process that is said to have ended (a hurried watch) so that `complete` alone asks: one call
    /// instead of two. The update is `incomplete`, and its fingerprint belongs to this hint alone; what `complete`
    /// makes of it carries the fingerprint and the `ends_watch` that a poll would have given. Nullopt: it is polled
    /// first.
    virtual std::optional<StatusUpdate> presume_ended(const Watch& watch) const;

    /// Fetches one document into `sink`, all of it or an Error. `sink` outlives the call.
    virtual Task<void> download(DocumentRef document, DocumentSink& sink) = 0;

    /// Tells the provider that the update is safe with us. Only called when its documents are durable.
    /// Providers that expect none are never asked.
    virtual Task<AcknowledgeOutcome> acknowledge(Sensitive acknowledge_at);

    /// What the provider itself says about the signatures of a document we have received, as a short word for people
    /// and the event ("ALL_VALID"). Only called where the terms say so; a failure undoes nothing. Reads like
    /// DocumentVerifier.
    virtual Task<std::string> inspect(DocumentKind kind, int descriptor, std::uint64_t size);

    /// How to treat what arrives at the account's webhook address; null: this account has none. Lives as long as the
    /// provider.
    virtual const Webhooks* webhooks() const;
};

}  // namespace signwatch
