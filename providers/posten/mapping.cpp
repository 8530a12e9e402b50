#include "providers/posten/mapping.hpp"

#include <algorithm>
#include <set>

#include "core/crypto/digest.hpp"
#include "core/domain/error.hpp"

namespace signwatch::posten {
namespace {

constexpr std::string_view in_progress = "IN_PROGRESS";
constexpr std::string_view completed = "COMPLETED_SUCCESSFULLY";
constexpr std::string_view failed = "FAILED";

struct SignerWord {
    std::string_view word;
    ParticipantState state;
};

constexpr SignerWord signer_words[] = {
    {"WAITING", ParticipantState::waiting},
    {"SIGNED", ParticipantState::completed},
    {"REJECTED", ParticipantState::rejected},
    {"EXPIRED", ParticipantState::expired},
    {"CANCELLED", ParticipantState::cancelled},
    {"RESERVED", ParticipantState::failed},
    {"CONTACT_INFORMATION_MISSING", ParticipantState::failed},
    {"BLOCKED", ParticipantState::failed},
    {"FAILED", ParticipantState::failed},
    {"SIGNERS_NAME_NOT_AVAILABLE", ParticipantState::failed},
    {"NOT_APPLICABLE", ParticipantState::superseded},
};

bool any_signer(const WireUpdate& update, std::string_view status) {
    return std::ranges::any_of(update.signers, [&](const WireSigner& signer) { return signer.status == status; });
}

// The one signer with that status; empty if there are several.
std::string ref_of_only(const std::vector<Participant>& participants,
                        const WireUpdate& update,
                        std::string_view status) {
    std::string ref;
    for (std::size_t i = 0; i < participants.size(); ++i) {
        if (update.signers[i].status != status) continue;
        if (!ref.empty()) return {};
        ref = participants[i].ref;
    }
    return ref;
}

std::optional<Reason> reason_of(ProcessState state,
                                const WireUpdate& update,
                                const std::vector<Participant>& participants) {
    struct Rule {
        ProcessState state;
        std::string_view signer_status;
        const char* code;
    };
    static constexpr Rule rules[] = {
        {ProcessState::rejected, "REJECTED", "declined-by-participant"},
        {ProcessState::expired, "EXPIRED", "deadline-passed"},
        {ProcessState::failed, "BLOCKED", "authentication-attempts-exceeded"},
        {ProcessState::failed, "FAILED", "document-processing-failed"},
        {ProcessState::failed, "CONTACT_INFORMATION_MISSING", "unspecified"},
        {ProcessState::failed, "RESERVED", "unspecified"},
        {ProcessState::failed, "SIGNERS_NAME_NOT_AVAILABLE", "unspecified"},
    };
    if (state == ProcessState::cancelled) return Reason{"cancelled-by-sender", {}};
    for (const Rule& rule : rules) {
        if (rule.state != state || !any_signer(update, rule.signer_status)) continue;
        return Reason{rule.code, ref_of_only(participants, update, rule.signer_status)};
    }
    if (state == ProcessState::failed) return Reason{"unspecified", {}};
    return std::nullopt;
}

bool is_final(ParticipantState state) {
    return state != ParticipantState::waiting && state != ParticipantState::unknown;
}

std::vector<Participant> participants_of(const WireUpdate& update, const Pseudonymise& pseudonymise) {
    std::vector<Participant> participants;
    std::set<std::string> seen;
    for (const WireSigner& signer : update.signers) {
        Participant participant;
        participant.order = static_cast<int>(participants.size()) + 1;
        const std::string position = "#" + std::to_string(participant.order);
        std::string identity = signer.identity.reveal();
        if (identity.empty())
            identity = "job:" + std::to_string(update.job_id) + position;
        else if (!seen.insert(identity).second)
            identity += position;
        participant.ref = pseudonymise(Sensitive{std::move(identity)});
        participant.state = participant_state(signer.status);
        participant.provider_status = clean_word(signer.status);
        if (is_final(participant.state)) participant.acted_at = parse_iso8601(signer.since);
        participants.push_back(std::move(participant));
    }
    return participants;
}

std::optional<WallTime> latest_change(const WireUpdate& update) {
    std::optional<WallTime> latest;
    for (const WireSigner& signer : update.signers) {
        const auto since = parse_iso8601(signer.since);
        if (since && (!latest || *since > *latest)) latest = since;
    }
    return latest;
}

bool wants_pades(PadesPolicy policy, ProcessState state) {
    switch (policy) {
        case PadesPolicy::completed:
            return state == ProcessState::completed;
        case PadesPolicy::at_end:
            return is_terminal(state);
        case PadesPolicy::always:
            return true;
        case PadesPolicy::never:
            return false;
    }
    return false;
}

bool wants_xades(XadesPolicy policy, ProcessState state) {
    return policy == XadesPolicy::signers || (policy == XadesPolicy::completed && state == ProcessState::completed);
}

std::vector<DocumentRef> documents_of(const WireUpdate& update, ProcessState state, const DocumentPolicy& policy) {
    std::vector<DocumentRef> documents;
    if (state == ProcessState::unknown) return documents;
    if (wants_pades(policy.pades, state)) {
        if (!update.pades_url.empty())
            documents.push_back({DocumentKind::pades, 0, update.pades_url});
        else if (state == ProcessState::completed) {
            throw Error(ErrorKind::integrity, "pades_missing", "a completed job that offers no PAdES");
        }
    }
    if (!wants_xades(policy.xades, state)) return documents;
    int order = 0;
    for (const WireSigner& signer : update.signers) {
        ++order;
        if (signer.status != "SIGNED" || signer.xades_url.empty()) continue;
        documents.push_back({DocumentKind::xades, order, signer.xades_url});
    }
    return documents;
}

void append_field(std::string& list, std::string_view field) {
    list += std::to_string(field.size()) + ":";
    list += field;
}

// Section 1.8. Signers go in under their keyed hash, so that nobody can find a personal number by trying all of them.
std::string fingerprint_of(const WireUpdate& update, const Origin& origin, const Pseudonymise& pseudonymise) {
    std::vector<std::string> signers;
    for (const WireSigner& signer : update.signers) {
        const auto since = parse_iso8601(signer.since);
        std::string fields;
        append_field(fields, signer.identity.empty() ? "" : pseudonymise(signer.identity));
        append_field(fields, signer.status);
        append_field(fields, since ? std::to_string(to_unix_ms(*since)) : signer.since);
        signers.push_back(std::move(fields));
    }
    std::ranges::sort(signers);
    std::string all;
    append_field(all, name_of(update.flow));
    append_field(all, origin.target);
    append_field(all, std::to_string(update.job_id));
    append_field(all, update.job_status);
    for (const std::string& signer : signers)
        append_field(all, signer);
    return crypto::sha256_hex(all);
}

}  // namespace

ParticipantState participant_state(std::string_view signer_status) {
    for (const SignerWord& known : signer_words) {
        if (known.word == signer_status) return known.state;
    }
    return ParticipantState::unknown;
}

ProcessState process_state(const WireUpdate& update) {
    if (update.job_status == completed) return ProcessState::completed;
    if (update.job_status == in_progress) return ProcessState::in_progress;
    if (update.job_status != failed) return ProcessState::unknown;
    if (any_signer(update, "REJECTED")) return ProcessState::rejected;
    if (any_signer(update, "CANCELLED")) return ProcessState::cancelled;
    if (any_signer(update, "EXPIRED")) return ProcessState::expired;
    return ProcessState::failed;
}

std::string clean_word(std::string_view word) {
    std::string clean;
    for (const char c : word.substr(0, 64)) {
        const bool allowed = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
                             c == '.' || c == '-';
        clean += allowed ? c : '_';
    }
    return clean.empty() ? "UNSPECIFIED" : clean;
}

StatusUpdate to_status_update(const WireUpdate& update,
                              const Origin& origin,
                              const MappingRules& rules,
                              const Pseudonymise& pseudonymise) {
    StatusUpdate result;
    result.provider = ProviderKind::posten;
    result.account = origin.account;
    result.process_id = std::to_string(update.job_id);
    result.reference = update.reference;
    result.watch = origin.watch;
    result.state = process_state(update);
    result.provider_status = clean_word(update.job_status);
    result.participants = participants_of(update, pseudonymise);
    result.reason = reason_of(result.state, update, result.participants);
    result.changed_at = latest_change(update);
    result.documents = documents_of(update, result.state, rules.documents);
    result.acknowledge_at = update.confirmation_url;
    // In the portal every update has a confirmation-url; without one we could not tell the provider, and somebody has
    // to look.
    const bool unconfirmable = update.flow == Flow::portal && update.confirmation_url.empty();
    result.hold = result.state == ProcessState::unknown || rules.hold_unknown_jobs || unconfirmable;
    result.fingerprint = fingerprint_of(update, origin, pseudonymise);
    return result;
}

}  // namespace signwatch::posten
