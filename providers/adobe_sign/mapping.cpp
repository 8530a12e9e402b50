#include "providers/adobe_sign/mapping.hpp"

#include <algorithm>
#include <array>

#include "core/crypto/digest.hpp"
#include "core/domain/names.hpp"

namespace signwatch::adobe_sign {
namespace {

struct StatusWord {
    std::string_view word;
    ProcessState state;
};

constexpr StatusWord status_words[] = {{"DRAFT", ProcessState::created},
                                       {"AUTHORING", ProcessState::created},
                                       {"PREFILL", ProcessState::created},
                                       {"DOCUMENTS_NOT_YET_PROCESSED", ProcessState::created},
                                       {"OUT_FOR_SIGNATURE", ProcessState::in_progress},
                                       {"OUT_FOR_APPROVAL", ProcessState::in_progress},
                                       {"OUT_FOR_ACCEPTANCE", ProcessState::in_progress},
                                       {"OUT_FOR_DELIVERY", ProcessState::in_progress},
                                       {"OUT_FOR_FORM_FILLING", ProcessState::in_progress},
                                       {"WAITING_FOR_FAXIN", ProcessState::in_progress},
                                       {"WAITING_FOR_VERIFICATION", ProcessState::in_progress},
                                       {"WIDGET_WAITING_FOR_VERIFICATION", ProcessState::in_progress},
                                       {"IN_REVISION", ProcessState::in_progress},
                                       {"SIGNED", ProcessState::completed},
                                       {"APPROVED", ProcessState::completed},
                                       {"ACCEPTED", ProcessState::completed},
                                       {"DELIVERED", ProcessState::completed},
                                       {"FORM_FILLED", ProcessState::completed},
                                       {"ARCHIVED", ProcessState::completed},
                                       {"CANCELLED", ProcessState::cancelled},
                                       {"ABORTED", ProcessState::cancelled},
                                       {"EXPIRED", ProcessState::expired}};

struct Ending {
    std::string_view event;
    ProcessState state;
    const char* reason;
};

constexpr Ending endings[] = {
    {"REJECTED", ProcessState::rejected, "declined-by-participant"},
    {"RECALLED", ProcessState::cancelled, "cancelled-by-sender"},
    {"RECALLED_MAX_SIGNING_KBA_ATTEMPTS", ProcessState::cancelled, "authentication-attempts-exceeded"},
    {"RECALLED_MAX_SIGNING_PASSWORD_ATTEMPTS", ProcessState::cancelled, "authentication-attempts-exceeded"},
    {"RECALLED_MAX_SIGNING_PHONE_ATTEMPTS", ProcessState::cancelled, "authentication-attempts-exceeded"},
    {"RECALLED_MAX_SIGNING_EMAIL_OTP_ATTEMPTS", ProcessState::cancelled, "authentication-attempts-exceeded"},
    {"AUTO_CANCELLED_CONVERSION_PROBLEM", ProcessState::failed, "document-processing-failed"},
    {"EXPIRED", ProcessState::expired, "deadline-passed"},
    {"EXPIRED_AUTOMATICALLY", ProcessState::expired, "service-limit-365d"}};

constexpr std::array<std::string_view, 20> acts{"ESIGNED",
                                                "SIGNED",
                                                "DIGSIGNED",
                                                "WRITTEN_SIGNED",
                                                "PRESIGNED",
                                                "APPROVED",
                                                "ACCEPTED",
                                                "DELIVERED",
                                                "FORM_FILLED",
                                                "ACKNOWLEDGED",
                                                "FAXIN_RECEIVED",
                                                "DIGITAL_SIGN_UIDAI_SIGNER_CONSENT",
                                                "ACTION_COMPLETED",
                                                "ACTION_COMPLETED_HOSTED",
                                                "ACTION_COMPLETED_OFFLINE",
                                                "ACTION_COMPLETED_OFFLINE_HOSTED",
                                                "ACTION_COMPLETED_WIDGET_VERIFIED",
                                                "ACTION_COMPLETED_WIDGET_VERIFIED_API_TOKEN",
                                                "ACTION_COMPLETED_WIDGET_VERIFICATION_WAIVED",
                                                "REJECTED"};

const Ending* ending_of(std::string_view event) {
    const auto* const found = std::ranges::find(endings, event, &Ending::event);
    return found == std::end(endings) ? nullptr : found;
}

bool has_acted(ParticipantState state) {
    return state == ParticipantState::completed || state == ParticipantState::rejected;
}

ParticipantState participant_state(std::string_view status) {
    if (status == "COMPLETED") return ParticipantState::completed;
    if (status == "CANCELLED") return ParticipantState::cancelled;
    if (status == "EXPIRED") return ParticipantState::expired;
    if (status == "NOT_YET_VISIBLE" || status.starts_with("WAITING_FOR_")) return ParticipantState::waiting;
    return ParticipantState::unknown;
}

bool takes_part(const WireSet& set) {
    return set.role != "SHARE" && set.role != "SENDER";
}

bool all_completed(const std::vector<WireSet>& sets) {
    std::size_t count = 0;
    for (const WireSet& set : sets) {
        if (!takes_part(set)) continue;
        if (set.status != "COMPLETED") return false;
        ++count;
    }
    return count > 0;
}

// A member without an id of its own is told by its address, else by its place.
std::string ref_of(const WireMember& member, const WireSet& set, int position, const Pseudonymise& pseudonymise) {
    if (!member.id.empty()) return participant_ref(member.id, pseudonymise);
    if (!member.email.empty()) return pseudonymise(Sensitive{"mail:" + set.id + ":" + member.email.reveal()});
    return participant_ref(set.id + "#" + std::to_string(position), pseudonymise);
}

std::vector<Participant> participants_of(const std::vector<WireSet>& sets, const Pseudonymise& pseudonymise) {
    std::vector<Participant> participants;
    for (const WireSet& set : sets) {
        if (!takes_part(set)) continue;
        const std::vector<WireMember> nobody(1);
        for (const WireMember& member : set.members.empty() ? nobody : set.members) {
            const int position = static_cast<int>(participants.size()) + 1;
            Participant participant;
            participant.ref = ref_of(member, set, position, pseudonymise);
            participant.order = set.order != 0 ? set.order : position;
            participant.state = member.replaced ? ParticipantState::superseded : participant_state(set.status);
            participant.provider_status = member.replaced ? "REPLACED" : set.status;
            participants.push_back(std::move(participant));
        }
    }
    return participants;
}

std::vector<DocumentRef> documents_of(const std::string& id, const DocumentWishes& wishes) {
    std::vector<DocumentRef> documents;
    const auto want = [&](bool wanted, DocumentKind kind) {
        if (wanted) documents.push_back({kind, 0, Sensitive{"agreement/" + id}});
    };
    want(wishes.combined, DocumentKind::signed_pdf);
    want(wishes.audit_trail, DocumentKind::audit_trail);
    want(wishes.form_data, DocumentKind::form_data);
    return documents;
}

void append_field(std::string& list, std::string_view field) {
    list += std::to_string(field.size()) + ":";
    list += field;
}

// Of what the look means and of nothing volatile: a mail that was opened, or our own download, is no news.
std::string fingerprint_of(const StatusUpdate& update) {
    std::string all;
    append_field(all, "adobe_sign");
    append_field(all, update.process_id);
    append_field(all, name_of(update.state));
    append_field(all, update.provider_status);
    for (const Participant& participant : update.participants) {
        append_field(all, participant.ref);
        append_field(all, participant.provider_status);
    }
    return crypto::sha256_hex(all);
}

// It names the update before it, too, so that none is taken for an older one of the same meaning.
std::string chained(std::string fingerprint, const std::string& seen) {
    if (seen.starts_with(fingerprint)) return seen;
    return seen.empty() ? fingerprint : fingerprint + "/" + crypto::sha256_hex(seen).substr(0, 16);
}

// The newest by date; of those at the same moment the one told last.
const WireEvent* newest_ending(const std::vector<WireEvent>& events, ProcessState state) {
    const WireEvent* newest = nullptr;
    for (const WireEvent& event : events) {
        const Ending* ending = ending_of(event.type);
        const bool fits = ending && (state != ProcessState::expired || ending->state == ProcessState::expired);
        if (fits && (!newest || event.date >= newest->date)) newest = &event;
    }
    return newest;
}

void note_acts(StatusUpdate& update, const std::vector<WireEvent>& events, const Pseudonymise& pseudonymise) {
    for (const WireEvent& event : events) {
        if (!event.date || event.participant.empty() || !std::ranges::count(acts, event.type)) continue;
        const std::string ref = participant_ref(event.participant, pseudonymise);
        for (Participant& participant : update.participants) {
            const bool later = !participant.acted_at || *event.date > *participant.acted_at;
            if (participant.ref == ref && has_acted(participant.state) && later) participant.acted_at = event.date;
        }
    }
}

std::optional<WallTime> latest_act(const std::vector<Participant>& participants) {
    std::optional<WallTime> latest;
    for (const Participant& participant : participants)
        latest = std::max(latest, participant.acted_at);
    return latest;
}

void note_ending(StatusUpdate& update, const std::vector<WireEvent>& events, const Pseudonymise& pseudonymise) {
    const WireEvent* event = newest_ending(events, update.state);
    if (!event) {
        update.reason = Reason{update.state == ProcessState::expired ? "deadline-passed" : "unspecified", {}};
        return;
    }
    const Ending& ending = *ending_of(event->type);
    update.state = ending.state;
    update.reason = Reason{ending.reason, {}};
    if (event->date) update.changed_at = event->date;
    if (ending.state != ProcessState::rejected || event->participant.empty()) return;
    const std::string ref = participant_ref(event->participant, pseudonymise);
    const auto decliner = std::ranges::find(update.participants, ref, &Participant::ref);
    if (decliner == update.participants.end()) return;
    update.reason->participant_ref = ref;
    decliner->state = ParticipantState::rejected;
}

}  // namespace

ProcessState state_of(std::string_view status) {
    const auto* const found = std::ranges::find(status_words, status, &StatusWord::word);
    return found == std::end(status_words) ? ProcessState::unknown : found->state;
}

bool needs_members(ProcessState state) {
    return state != ProcessState::created && state != ProcessState::unknown;
}

bool is_draft(std::string_view status) {
    return status == "DRAFT" || status == "AUTHORING" || status == "PREFILL";
}

bool is_running(std::string_view status) {
    return state_of(status) == ProcessState::in_progress || status.starts_with("WAITING_FOR_");
}

std::string participant_ref(const std::string& participant_id, const Pseudonymise& pseudonymise) {
    return pseudonymise(Sensitive{"participant:" + participant_id});
}

StatusUpdate to_update(const WireAgreement& agreement,
                       const std::vector<WireSet>& sets,
                       const Origin& origin,
                       const DocumentWishes& wishes,
                       const Pseudonymise& pseudonymise) {
    StatusUpdate update;
    update.provider = ProviderKind::adobe_sign;
    update.account = origin.account;
    update.watch = origin.watch;
    update.process_id = origin.process_id;
    update.reference = agreement.reference;
    update.provider_status = agreement.status;
    update.state = state_of(agreement.status);
    if (agreement.status == "FORM_FILLED" && !all_completed(sets)) update.state = ProcessState::in_progress;
    update.participants = participants_of(sets, pseudonymise);
    update.changed_at = agreement.last_event_at;
    if (update.state == ProcessState::completed) update.documents = documents_of(origin.process_id, wishes);
    update.incomplete = needs_members(update.state);
    update.ends_watch = update.terminal();
    update.fingerprint = chained(fingerprint_of(update), origin.seen);
    return update;
}

StatusUpdate with_events(StatusUpdate update, const std::vector<WireEvent>& events, const Pseudonymise& pseudonymise) {
    if (update.state == ProcessState::cancelled || update.state == ProcessState::expired)
        note_ending(update, events, pseudonymise);
    note_acts(update, events, pseudonymise);
    if (update.state == ProcessState::completed || update.state == ProcessState::in_progress) {
        if (const auto latest = latest_act(update.participants)) update.changed_at = latest;
    }
    update.incomplete = false;
    return update;
}

}  // namespace signwatch::adobe_sign
