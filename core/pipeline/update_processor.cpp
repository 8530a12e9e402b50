#include "core/pipeline/update_processor.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "core/pipeline/event_composer.hpp"

namespace signwatch::pipeline {
namespace {

PendingUpdate pending_from(const RecordResult& recorded, StatusUpdate update, WallTime delivered_at) {
    PendingUpdate pending;
    pending.id = recorded.id;
    pending.update = std::move(update);
    pending.stage = recorded.outcome == Recorded::committed ? Stage::committed : Stage::received;
    pending.attempts = 1;
    pending.delivered_at = delivered_at;
    return pending;
}

bool counts_towards_parking(ErrorKind kind) {
    return kind == ErrorKind::integrity || kind == ErrorKind::permanent;
}

// Attempts that failed for the provider's reasons are not counted, so their back-off grows with the age of the update
// instead.
int failures_by_age(milliseconds age, milliseconds first) {
    int failures = 1;
    for (milliseconds reached = first; reached < age; reached *= 2)
        ++failures;
    return failures;
}

// One that never asked need not wait for a whole gap.
milliseconds least_wait(const Error& error, const AccountTerms& terms) {
    return error.code() == "repeat_gap" ? milliseconds{0} : terms.repeat_gap;
}

}  // namespace

UpdateProcessor::UpdateProcessor(LineParts parts,
                                 std::function<void()> on_committed,
                                 std::function<void()> wake_recovery)
    : parts_(std::move(parts)),
      keeper_(parts_),
      on_committed_(std::move(on_committed)),
      wake_recovery_(std::move(wake_recovery)),
      backoff_(std::random_device{}()) {}

Task<void> UpdateProcessor::take(Account& account, StatusUpdate update, InFlight flight, OpenPoll open_poll) {
    // The bytes may come while the disk writes the record; nothing else is done with them before it has.
    const Downloads downloads = keeper_.begin(account, update);
    std::optional<PendingUpdate> pending;
    try {
        pending = co_await record(std::move(update));
    } catch (const Error& error) {
        // Not acknowledged and not recorded: the provider offers it again.
        parts_.observer.loop_troubled("record", error);
    }
    open_poll.reset();
    if (pending) co_await go_on(account, std::move(*pending), true, downloads);
    co_await DocumentKeeper::settle(downloads);
    flight.reset();
}

Task<std::optional<PendingUpdate>> UpdateProcessor::record(StatusUpdate update) {
    const WallTime delivered_at = parts_.clock.schedule_now();
    const RecordResult recorded = co_await parts_.state.record_update(update, delivered_at);
    parts_.progress.reached(Step::update_recorded);
    parts_.observer.update_recorded(update, recorded.outcome);
    if (recorded.outcome == Recorded::waiting) {
        waiting_.insert(recorded.id);
        wake_recovery_();
    }
    if (recorded.outcome != Recorded::added && recorded.outcome != Recorded::committed) co_return std::nullopt;
    co_return pending_from(recorded, std::move(update), delivered_at);
}

Task<void> UpdateProcessor::follow(Account& account, PendingUpdate pending, InFlight flight) {
    const Downloads none;
    co_await go_on(account, std::move(pending), true, none);
    flight.reset();
}

Task<void> UpdateProcessor::resume(Account& account, PendingUpdate pending, InFlight flight) {
    waiting_.erase(pending.id);
    const Downloads none;
    co_await go_on(account, std::move(pending), false, none);
    flight.reset();
}

Task<void> UpdateProcessor::go_on(Account& account, PendingUpdate pending, bool fresh, const Downloads& begun) {
    if (!under_way_.insert(pending.id).second) co_return;
    const milliseconds too_soon = until_it_may_ask(account, pending);
    if (too_soon > milliseconds{0}) {
        Error repeated(ErrorKind::throttled, "repeat_gap", "the provider was asked about this process just now");
        repeated.with_retry_after(too_soon + milliseconds{1});
        co_await put_off(account, pending, std::move(repeated));
        under_way_.erase(pending.id);
        co_return;
    }
    note_asked(account, pending);
    std::optional<Error> failure;
    try {
        if (pending.stage == Stage::received) co_await bring_home_and_commit(account, pending, begun);
        co_await acknowledge(account, pending, fresh);
    } catch (const Error& error) {
        failure = error;
    } catch (const std::exception& error) {
        failure = Error(ErrorKind::permanent, "internal", error.what());
    }
    note_asked(account, pending);
    if (failure) co_await put_off(account, pending, *failure);
    under_way_.erase(pending.id);
    if (!waiting_.empty()) wake_recovery_();
}

// An update before this one may have asked the provider the same just now: then this one waits its turn.
milliseconds UpdateProcessor::until_it_may_ask(const Account& account, const PendingUpdate& pending) const {
    const milliseconds gap = account.terms().repeat_gap;
    if (gap <= milliseconds{0} || pending.stage != Stage::received) return milliseconds{0};
    return gaps_.wait({pending.update.account, pending.update.process_id}, parts_.clock.schedule_now(), gap);
}

// What was asked on the way down the line must not be asked again before this.
std::optional<WallTime> UpdateProcessor::no_question_before(const Account& account) const {
    const milliseconds gap = account.terms().repeat_gap;
    if (gap <= milliseconds{0}) return std::nullopt;
    return parts_.clock.schedule_now() + gap;
}

void UpdateProcessor::note_asked(const Account& account, const PendingUpdate& pending) {
    const milliseconds gap = account.terms().repeat_gap;
    if (gap <= milliseconds{0}) return;
    gaps_.asked({pending.update.account, pending.update.process_id}, parts_.clock.schedule_now(), gap);
}

Task<void> UpdateProcessor::bring_home_and_commit(Account& account,
                                                  const PendingUpdate& pending,
                                                  const Downloads& begun) {
    Intake intake(parts_.documents, account.terms().max_document_size);
    StatusUpdate whole = pending.update;
    if (whole.incomplete) whole = co_await account.provider().complete(pending.update, intake);
    std::vector<Intake::Received> received = intake.take();
    // It was said to have been completed, and was not: nothing of it is signed.
    if (pending.update.state == ProcessState::completed && whole.state != ProcessState::completed) received.clear();
    std::vector<StoredDocument> documents = co_await keeper_.bring_home(account, whole, std::move(received), begun);
    co_await commit(account, pending, std::move(whole), std::move(documents));
}

Task<void> UpdateProcessor::commit(Account& account,
                                   const PendingUpdate& pending,
                                   StatusUpdate whole,
                                   std::vector<StoredDocument> documents) {
    const std::string type = event_type(whole.state);
    CommitUpdate request;
    request.id = pending.id;
    request.now = parts_.clock.now();
    request.documents = documents;
    request.repeat_from = no_question_before(account);
    if (pending.update.incomplete) request.completed = whole;
    request.compose = [whole = std::move(whole), documents = std::move(documents), now = request.now](
                          const EventContext& context) { return compose_status_event(whole, documents, now, context); };
    const bool committed = co_await parts_.state.commit_update(std::move(request));
    if (committed) parts_.observer.update_committed(pending.update, type);
    on_committed_();
}

Task<void> UpdateProcessor::acknowledge(Account& account, const PendingUpdate& pending, bool fresh) {
    if (pending.update.terminal()) {
        co_await send_acknowledgement(account, pending);
        co_return;
    }
    if (pending.update.acknowledge_at.empty() || pending.update.hold) co_return;
    if (!fresh) {
        // A poll that was answered while nobody recorded it (crash, cut connection) may have taken a newer update of
        // this job, and the confirmation URL belongs to the job: redelivery brings this update back, and it is
        // confirmed then.
        co_await parts_.state.end_acknowledge(pending.id, AcknowledgeResult::left, parts_.clock.now());
        parts_.observer.acknowledged(pending.update, AcknowledgeResult::left, milliseconds{0});
        co_return;
    }
    QueueGate& gate = account.gate(pending.update.watch);
    co_await gate.open_acknowledgement();
    const OpenAcknowledgement open(gate);
    co_await send_acknowledgement(account, pending);
}

Task<void> UpdateProcessor::send_acknowledgement(Account& account, const PendingUpdate& pending) {
    const milliseconds window = account.terms().acknowledge_window;
    BeginAcknowledge request;
    request.id = pending.id;
    request.now = parts_.clock.schedule_now();
    request.window = window;
    const milliseconds left = pending.delivered_at + window - request.now;
    const AcknowledgeTicket ticket = co_await parts_.state.begin_acknowledge(std::move(request));
    if (ticket.permit == AcknowledgePermit::not_expected) co_return;

    AcknowledgeResult result = AcknowledgeResult::left;
    if (ticket.permit == AcknowledgePermit::send) {
        parts_.progress.reached(Step::acknowledge_sending);
        try {
            const AcknowledgeOutcome outcome = co_await account.provider().acknowledge(pending.update.acknowledge_at);
            if (outcome == AcknowledgeOutcome::done)
                result = AcknowledgeResult::done;
            else if (ticket.attempt > 1)
                result = AcknowledgeResult::assumed;
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::permanent) throw;
        }
        parts_.progress.reached(Step::acknowledge_answered);
    }
    co_await parts_.state.end_acknowledge(pending.id, result, parts_.clock.now());
    parts_.progress.reached(Step::acknowledge_marked);
    parts_.observer.acknowledged(pending.update, result, left);
}

Task<void> UpdateProcessor::put_off(Account& account, const PendingUpdate& pending, Error error) {
    const bool counts = counts_towards_parking(error.kind());
    std::optional<Error> trouble;
    try {
        if (counts && pending.attempts >= account.terms().max_attempts) {
            co_await park(account, pending, error);
            co_return;
        }
        const WallTime now = parts_.clock.schedule_now();
        const AccountTerms& terms = account.terms();
        const int failures =
            counts ? pending.attempts : failures_by_age(now - pending.delivered_at, terms.first_backoff);
        DeferUpdate deferral;
        deferral.id = pending.id;
        deferral.code = error.code();
        deferral.counts = counts;
        deferral.next_attempt_at = now + std::max(backoff_.after(error, failures, terms), least_wait(error, terms));
        parts_.observer.update_deferred(pending.update, error, deferral.next_attempt_at);
        co_await parts_.state.defer_update(std::move(deferral));
        wake_recovery_();
    } catch (const Error& failure) {
        trouble = failure;
    }
    if (trouble) parts_.observer.loop_troubled("line", *trouble);
}

Task<void> UpdateProcessor::park(Account& account, const PendingUpdate& pending, const Error& error) {
    ParkUpdate request;
    request.id = pending.id;
    request.code = error.code();
    request.now = parts_.clock.now();
    request.retry_from = no_question_before(account);
    request.compose = [update = pending.update, code = error.code(), now = request.now](const EventContext& context) {
        return compose_parked_event(update, code, now, context);
    };
    co_await parts_.state.park_update(std::move(request));
    parts_.observer.update_parked(pending.update, error);
    on_committed_();
}

}  // namespace signwatch::pipeline
