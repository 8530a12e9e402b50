#include "providers/arqsign/mapping.hpp"

#include <algorithm>
#include <set>

#include "core/crypto/digest.hpp"
#include "core/domain/error.hpp"
#include "core/domain/names.hpp"

namespace signwatch::arqsign {
namespace {

const std::string presumed = "said-ended/";

ProcessState state_of(Status status) {
    switch (status) {
        case Status::created:
            return ProcessState::created;
        case Status::waiting:
        case Status::in_process:
            return ProcessState::in_progress;
        case Status::concluded:
            return ProcessState::completed;
        case Status::cancelled:
            return ProcessState::cancelled;
        case Status::unknown:
            return ProcessState::unknown;
    }
    return ProcessState::unknown;
}

void append_field(std::string& list, std::string_view field) {
    list += std::to_string(field.size()) + ":";
    list += field;
}

// The language and the spelling of a known status may change without anything having happened; its number may not. The
// date makes two expiries two, with sending again between them.
std::string fingerprint_of(const StatusUpdate& update, Status status, const std::optional<WallTime>& expires_at) {
    const bool expired = update.state == ProcessState::expired;
    std::string all;
    append_field(all, "arqsign");
    append_field(all, update.process_id);
    append_field(all, name_of(update.state));
    append_field(all, status == Status::unknown ? update.provider_status : std::to_string(static_cast<int>(status)));
    append_field(all, expired ? "expired" : "");
    append_field(all, expired && expires_at ? std::to_string(to_unix_ms(*expires_at)) : "");
    return crypto::sha256_hex(all);
}

bool has_expired(const WireStatus& status, WallTime now) {
    const bool open = status.status == Status::waiting || status.status == Status::in_process;
    return open && (status.expired || (status.expires_at && *status.expires_at < now));
}

StatusUpdate update_from(const Origin& origin) {
    StatusUpdate update;
    update.provider = ProviderKind::arqsign;
    update.account = origin.account;
    update.process_id = origin.process_id;
    update.watch = origin.watch;
    return update;
}

Participant participant_of(const WireSigner& signer, bool ended) {
    Participant participant;
    if (signer.refused) {
        participant.state = ParticipantState::rejected;
        participant.provider_status = "recusado";
    } else if (signer.has_signed) {
        participant.state = ParticipantState::completed;
        participant.provider_status = "assinado";
        participant.acted_at = signer.signed_at;
    } else {
        participant.state = ended ? ParticipantState::superseded : ParticipantState::waiting;
        participant.provider_status = signer.unreachable ? "falha_envio" : "pendente";
    }
    return participant;
}

std::vector<Participant> participants_of(const WireProcess& process,
                                         const std::string& process_id,
                                         const Pseudonymise& pseudonymise) {
    const bool ended = process.status.status == Status::cancelled;
    std::vector<Participant> participants;
    std::set<std::string> seen;
    for (const WireSigner& signer : process.signers) {
        Participant participant = participant_of(signer, ended);
        participant.order = static_cast<int>(participants.size()) + 1;
        const std::string position = "#" + std::to_string(participant.order);
        std::string identity = signer.identity.reveal();
        if (identity.empty())
            identity = "process:" + process_id + position;
        else if (!seen.insert(identity).second)
            identity += position;
        participant.ref = pseudonymise(Sensitive(std::move(identity)));
        participants.push_back(std::move(participant));
    }
    return participants;
}

// A refusal shows as a cancelled process with a signer who refused (2.4).
void tell_why(StatusUpdate& update) {
    std::string ref;
    int refusals = 0;
    for (const Participant& participant : update.participants) {
        if (participant.state != ParticipantState::rejected) continue;
        ++refusals;
        ref = participant.ref;
    }
    if (refusals == 0) {
        update.state = ProcessState::cancelled;
        update.reason = Reason{"cancelled-by-sender", {}};
        return;
    }
    update.state = ProcessState::rejected;
    update.reason = Reason{"declined-by-participant", refusals == 1 ? ref : std::string()};
}

bool has_come(const std::vector<ReceivedDocument>& received, DocumentKind kind, int part) {
    return std::ranges::any_of(received, [&](const auto& one) { return one.kind == kind && one.part == part; });
}

[[noreturn]] void refuse_missing() {
    throw Error(ErrorKind::integrity, "arqsign_document_missing", "a concluded process that lacks a document");
}

// A link costs no call: it leads to where the files lie.
std::vector<DocumentRef> links_of(const WireProcess& process, const std::vector<ReceivedDocument>& received) {
    if (process.documents.empty()) refuse_missing();
    std::vector<DocumentRef> links;
    int part = 0;
    for (const WireDocument& document : process.documents) {
        ++part;
        if (!has_come(received, DocumentKind::signed_pdf, part)) {
            if (document.link.empty()) refuse_missing();
            links.push_back({DocumentKind::signed_pdf, 0, document.link, part, false});
        }
        if (!has_come(received, DocumentKind::signature_record, part) && !document.record_link.empty()) {
            links.push_back({DocumentKind::signature_record, 0, document.record_link, part, false});
        }
    }
    return links;
}

}  // namespace

StatusUpdate to_update(const WireStatus& status, const Origin& origin, WallTime now) {
    StatusUpdate update = update_from(origin);
    update.state = state_of(status.status);
    update.provider_status = status.word;
    if (has_expired(status, now)) {
        update.state = ProcessState::expired;
        update.reason = Reason{"deadline-passed", {}};
        update.changed_at = status.expires_at;
    }
    update.incomplete = status.status == Status::concluded || status.status == Status::cancelled;
    update.ends_watch = update.incomplete;
    if (status.status == Status::concluded) update.changed_at = status.concluded_at;
    if (status.status == Status::cancelled) update.changed_at = status.cancelled_at;
    update.fingerprint = fingerprint_of(update, status.status, status.expires_at);
    return update;
}

bool is_presumed(const std::string& fingerprint) {
    return fingerprint.starts_with(presumed);
}

StatusUpdate presumed_end(const Watch& watch) {
    StatusUpdate update = update_from({watch.key.account, watch.id, watch.key.target});
    update.state = ProcessState::completed;
    update.incomplete = true;
    update.fingerprint = is_presumed(watch.seen) ? watch.seen : presumed + std::to_string(to_unix_ms(watch.due_at));
    return update;
}

StatusUpdate deleted_update(const Origin& origin) {
    StatusUpdate update = update_from(origin);
    update.state = ProcessState::cancelled;
    update.provider_status = "excluido";
    update.reason = Reason{"unspecified", {}};
    update.ends_watch = true;
    update.fingerprint = fingerprint_of(update, Status::unknown, std::nullopt);
    return update;
}

StatusUpdate completed(StatusUpdate update,
                       const WireProcess& process,
                       const std::vector<ReceivedDocument>& received,
                       const Pseudonymise& pseudonymise) {
    const bool concluded = update.state == ProcessState::completed;
    if (process.status.status != (concluded ? Status::concluded : Status::cancelled)) {
        throw Error(ErrorKind::transient,
                    "arqsign_status_disagrees",
                    "the whole process is not in the state that its status call gave");
    }
    update.participants = participants_of(process, update.process_id, pseudonymise);
    const auto& changed_at = concluded ? process.status.concluded_at : process.status.cancelled_at;
    if (changed_at) update.changed_at = changed_at;
    if (concluded)
        update.documents = links_of(process, received);
    else
        tell_why(update);
    update.incomplete = false;
    return update;
}

}  // namespace signwatch::arqsign
