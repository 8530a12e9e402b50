#include "providers/signhub/mapping.hpp"

#include <algorithm>
#include <set>

#include "core/crypto/digest.hpp"
#include "core/domain/names.hpp"

namespace signwatch::signhub {
namespace {

constexpr std::int64_t e_signature = 0;
constexpr std::int64_t finished = 40;
constexpr std::int64_t passed = 60;
constexpr int most_orders = 10'000;

bool has_acted(ParticipantState state) {
    return state == ParticipantState::completed || state == ParticipantState::rejected;
}

// Item ids and addresses of one flow; a position tells equal ones apart.
std::string identity_of(const WireItem& item,
                        const std::string& process_id,
                        int position,
                        std::set<std::string>& seen) {
    std::string identity;
    if (!item.id.empty())
        identity = "item:" + item.id;
    else if (!item.email.empty())
        identity = "mail:" + item.email.reveal();
    else
        identity = "flow:" + process_id;
    const bool known_by_itself = !item.id.empty() || !item.email.empty();
    if (!known_by_itself || !seen.insert(identity).second) identity += "#" + std::to_string(position);
    return identity;
}

std::vector<Participant> participants_of(const WireFlow& flow,
                                         const std::string& process_id,
                                         const ReadingRules& rules,
                                         const Pseudonymise& pseudonymise) {
    std::vector<Participant> participants;
    std::set<std::string> seen;
    for (const WireItem& item : flow.items) {
        const int position = static_cast<int>(participants.size()) + 1;
        Participant participant;
        participant.ref = pseudonymise(Sensitive{identity_of(item, process_id, position, seen)});
        participant.order = item.order >= 1 && item.order <= most_orders ? static_cast<int>(item.order) : position;
        participant.state = participant_state(item.status);
        participant.provider_status = item_word(item.status);
        if (has_acted(participant.state)) participant.acted_at = parse_date(item.signed_date, rules.time_offset);
        participants.push_back(std::move(participant));
    }
    return participants;
}

std::optional<WallTime> latest_act(const std::vector<Participant>& participants) {
    std::optional<WallTime> latest;
    for (const Participant& participant : participants) {
        if (participant.acted_at && (!latest || *participant.acted_at > *latest)) latest = participant.acted_at;
    }
    return latest;
}

// The one who declined; empty if several did, or nobody is seen to have.
std::string decliner(const std::vector<Participant>& participants) {
    std::string ref;
    for (const Participant& participant : participants) {
        if (participant.state != ParticipantState::rejected) continue;
        if (!ref.empty()) return {};
        ref = participant.ref;
    }
    return ref;
}

std::optional<Reason> reason_of(ProcessState state, const std::vector<Participant>& participants) {
    switch (state) {
        case ProcessState::cancelled:
            return Reason{"cancelled-by-sender", {}};
        case ProcessState::rejected:
            return Reason{"declined-by-participant", decliner(participants)};
        case ProcessState::expired:
            return Reason{"deadline-passed", {}};
        case ProcessState::failed:
            return Reason{"unspecified", {}};
        default:
            return std::nullopt;
    }
}

void append_field(std::string& list, std::string_view field) {
    list += std::to_string(field.size()) + ":";
    list += field;
}

// Nothing volatile, and nothing that depends on how the answer was spelled: two looks that saw the same are the same.
std::string fingerprint_of(const StatusUpdate& update, const WireFlow& flow, const ReadingRules& rules) {
    std::string all;
    append_field(all, "signhub");
    append_field(all, update.process_id);
    append_field(all, name_of(update.state));
    append_field(all, update.provider_status);
    for (std::size_t i = 0; i < flow.items.size(); ++i) {
        const auto date = parse_date(flow.items[i].signed_date, rules.time_offset);
        append_field(all, std::to_string(update.participants[i].order));
        append_field(all, update.participants[i].provider_status);
        append_field(all, date ? std::to_string(to_unix_ms(*date)) : flow.items[i].signed_date);
    }
    return crypto::sha256_hex(all);
}

}  // namespace

std::optional<WallTime> parse_date(std::string_view text, const std::string& offset) {
    auto date = parse_iso8601(text);
    if (!date && !text.empty()) date = parse_iso8601(std::string{text} + offset);
    if (date && *date < WallTime{}) return std::nullopt;
    return date;
}

bool all_signed(const WireFlow& flow) {
    return !flow.items.empty() && std::ranges::all_of(flow.items, [](const WireItem& item) {
        return item.type != e_signature || item.status.is(finished) || item.status.is(passed);
    });
}

StatusUpdate to_status_update(const WireFlow& flow,
                              const std::string& process_id,
                              const ReadingRules& rules,
                              const Pseudonymise& pseudonymise) {
    StatusUpdate update;
    update.provider = ProviderKind::signhub;
    update.account = rules.account;
    update.process_id = process_id;
    update.state = rules.states.state_of(flow.status);
    update.provider_status = flow_word(flow.status);
    if (update.state == ProcessState::completed && !all_signed(flow)) {
        update.state = ProcessState::in_progress;
        update.provider_status += ", items disagree";
    }
    update.participants = participants_of(flow, process_id, rules, pseudonymise);
    update.reason = reason_of(update.state, update.participants);
    update.changed_at = latest_act(update.participants);
    if (update.state == ProcessState::completed) {
        update.documents.push_back({DocumentKind::signed_pdf, 0, Sensitive{"flow/" + process_id}});
    }
    update.ends_watch = update.terminal();
    update.fingerprint = fingerprint_of(update, flow, rules);
    return update;
}

}  // namespace signwatch::signhub
