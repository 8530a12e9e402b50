#include "tests/contract/state_store_contract.hpp"

#include <algorithm>
#include <chrono>

#include <nlohmann/json.hpp>

namespace signwatch::testing {

using namespace std::chrono_literals;

WatchKey StateStoreContract::queue(const std::string& account, const std::string& target) {
    return {account, WatchKind::queue, target};
}

void StateStoreContract::sync(const std::string& account, const std::vector<std::string>& targets, WallTime now) {
    std::vector<WatchKey> standing;
    for (const std::string& target : targets)
        standing.push_back(queue(account, target));
    wait(store().sync_watches(account, standing, now));
}

std::vector<Watch> StateStoreContract::claim(const std::vector<std::string>& accounts,
                                             WallTime now,
                                             std::size_t limit) {
    ClaimWatches request;
    request.now = now;
    for (const std::string& account : accounts)
        request.accounts.push_back({account, 600s, limit});
    return wait(store().claim_due_watches(request));
}

std::vector<std::string> StateStoreContract::claim_targets(const std::string& account, WallTime now) {
    std::vector<std::string> targets;
    for (const Watch& watch : claim({account}, now))
        targets.push_back(watch.key.target);
    return targets;
}

std::vector<WatchRow> StateStoreContract::watches_of(const std::string& account) {
    WatchFilter filter;
    filter.account = account;
    return view().watches(filter);
}

void StateStoreContract::settle(WatchId watch, WallTime due_at, bool defer_account) {
    SettleWatch settlement;
    settlement.watch = watch;
    settlement.due_at = due_at;
    settlement.settled_at = due_at - 1s;
    settlement.defer_account = defer_account;
    wait(store().settle_watch(settlement));
}

StatusUpdate StateStoreContract::make_update(const std::string& process,
                                             const std::string& fingerprint,
                                             ProcessState state) {
    StatusUpdate update;
    update.account = "acme";
    update.process_id = process;
    update.reference = "ref-" + process;
    update.state = state;
    update.provider_status = "RAW";
    update.participants = {Participant{"p1", 1, ParticipantState::completed, "SIGNED", at(-5)}};
    update.documents = {DocumentRef{DocumentKind::xades, 1, Sensitive("https://signing.example/x/1")}};
    update.acknowledge_at = Sensitive("https://signing.example/confirm/" + fingerprint);
    update.fingerprint = fingerprint;
    update.raw = "<status/>";
    return update;
}

EventComposer StateStoreContract::make_event() {
    return [](const EventContext& context) {
        EventMessage message;
        message.id = "event-" + context.correlation_id + "-" + std::to_string(context.sequence);
        message.type = "io.signwatch.test.v1";
        message.partition_key = "posten/acme/" + context.correlation_id;
        message.sequence = context.sequence;
        const nlohmann::json history{{"at", to_rfc3339(context.now)},
                                     {"action", "action-" + std::to_string(context.sequence)},
                                     {"actor", "provider"},
                                     {"description", "something happened"}};
        message.json = nlohmann::json{{"data", {{"historyEntry", history}}}}.dump();
        return message;
    };
}

RecordResult StateStoreContract::record(const StatusUpdate& update, WallTime delivered_at) {
    return wait(store().record_update(update, delivered_at));
}

bool StateStoreContract::commit(UpdateId id, WallTime now) {
    CommitUpdate request;
    request.id = id;
    request.compose = make_event();
    request.now = now;
    return wait(store().commit_update(request));
}

UpdateId StateStoreContract::commit_new(const std::string& process,
                                        const std::string& fingerprint,
                                        ProcessState state,
                                        WallTime now) {
    const RecordResult recorded = record(make_update(process, fingerprint, state), now);
    commit(recorded.id, now);
    return recorded.id;
}

AcknowledgeTicket StateStoreContract::begin(UpdateId id, WallTime now) {
    BeginAcknowledge request;
    request.id = id;
    request.now = now;
    request.window = 480s;
    return wait(store().begin_acknowledge(request));
}

void StateStoreContract::end(UpdateId id, AcknowledgeResult result) {
    wait(store().end_acknowledge(id, result, at(0)));
}

void StateStoreContract::park(UpdateId id, WallTime now) {
    ParkUpdate request;
    request.id = id;
    request.code = "pdf_unsigned";
    request.compose = make_event();
    request.now = now;
    wait(store().park_update(request));
}

void StateStoreContract::defer(UpdateId id, WallTime next, bool counts) {
    DeferUpdate request;
    request.id = id;
    request.next_attempt_at = next;
    request.code = "http_503";
    request.counts = counts;
    wait(store().defer_update(request));
}

std::vector<PendingUpdate> StateStoreContract::unfinished(WallTime now, WallTime lease_until, std::size_t limit) {
    return wait(store().claim_unfinished({"acme"}, now, lease_until, limit));
}

std::vector<UpdateId> StateStoreContract::unfinished_ids(WallTime now, WallTime lease_until) {
    std::vector<UpdateId> ids;
    for (const PendingUpdate& each : unfinished(now, lease_until))
        ids.push_back(each.id);
    return ids;
}

std::vector<OutboxEvent> StateStoreContract::outbox(std::size_t limit) {
    return wait(store().claim_outbox(limit));
}

ProcessDetail StateStoreContract::detail(const std::string& process) {
    return view().process("acme", process).value();
}

UpdateRow StateStoreContract::row_of(const std::string& process, UpdateId id) {
    const ProcessDetail found = detail(process);
    const auto row =
        std::find_if(found.updates.begin(), found.updates.end(), [id](const auto& each) { return each.id == id; });
    if (row == found.updates.end()) throw std::runtime_error("no such update in the view");
    return *row;
}

}  // namespace signwatch::testing
