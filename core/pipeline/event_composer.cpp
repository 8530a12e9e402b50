#include "core/pipeline/event_composer.hpp"

#include <nlohmann/json.hpp>

#include "core/crypto/digest.hpp"
#include "core/crypto/encoding.hpp"
#include "core/domain/names.hpp"

namespace signwatch::pipeline {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view data_schema = "urn:signwatch:events:signature:1";

std::string_view suffix_of(ProcessState state) {
    switch (state) {
        case ProcessState::in_progress:
            return "progressed";
        case ProcessState::unknown:
            return "attention";
        default:
            return name_of(state);
    }
}

std::string type_for(std::string_view suffix) {
    return "io.signwatch.signature." + std::string(suffix) + ".v1";
}

std::string padded(std::uint64_t sequence) {
    std::string digits = std::to_string(sequence);
    return std::string(20 - digits.size(), '0') + digits;
}

// The idempotency key: the same change has the same id, however often it is composed.
std::string event_id(const std::string& source,
                     const std::string& process_id,
                     std::string_view word,
                     std::uint64_t sequence) {
    const std::string identity =
        source + '\n' + process_id + '\n' + std::string(word) + '\n' + std::to_string(sequence);
    return crypto::to_base32(crypto::sha256(identity)).substr(0, 26);
}

Json text_or_null(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

Json participants_json(const std::vector<Participant>& participants) {
    Json list = Json::array();
    for (const Participant& participant : participants) {
        Json entry{{"ref", participant.ref},
                   {"order", participant.order},
                   {"role", "SIGNER"},
                   {"status", name_of(participant.state)},
                   {"providerStatus", participant.provider_status}};
        entry["actedAt"] = participant.acted_at ? Json(to_rfc3339(*participant.acted_at)) : Json(nullptr);
        list.push_back(std::move(entry));
    }
    return list;
}

Json documents_json(const std::vector<StoredDocument>& documents) {
    Json list = Json::array();
    for (const StoredDocument& document : documents) {
        Json entry{{"kind", name_of(document.kind)}, {"participant", document.participant}};
        if (document.part != 0) entry["part"] = document.part;
        entry["mediaType"] = document.media_type;
        entry["size"] = document.digest.size;
        entry["sha256"] = document.digest.sha256;
        entry["uri"] = document.uri;
        entry["verification"] = document.verification;
        entry["storedAt"] = to_rfc3339(document.stored_at);
        list.push_back(std::move(entry));
    }
    return list;
}

Json labels_json(const std::vector<Label>& labels) {
    Json object = Json::object();
    for (const Label& label : labels)
        object[label.name] = label.value;
    return object;
}

Json reason_json(const std::optional<Reason>& reason) {
    if (!reason) return nullptr;
    return {{"code", reason->code}, {"text", nullptr}, {"actorRef", text_or_null(reason->participant_ref)}};
}

std::string describe(const StatusUpdate& update, const std::vector<StoredDocument>& documents) {
    std::string text(name_of(update.state));
    text += " at " + std::string(name_of(update.provider)) + " (" + update.provider_status + ")";
    if (!documents.empty()) text += ", " + std::to_string(documents.size()) + " documents stored";
    return text;
}

struct Words {
    std::string_view suffix;
    ProcessState state;
    std::string description;
    Json reason;
};

EventMessage compose(const StatusUpdate& update,
                     const std::vector<StoredDocument>& documents,
                     WallTime observed_at,
                     const EventContext& context,
                     const Words& words) {
    const std::string provider(name_of(update.provider));
    const std::string source = "/signwatch/" + provider + "/" + update.account;
    const std::string actor = update.reason ? update.reason->participant_ref : std::string();
    const WallTime changed_at = update.changed_at.value_or(observed_at);

    EventMessage message;
    message.id = event_id(source, update.process_id, words.suffix, context.sequence);
    message.type = type_for(words.suffix);
    message.partition_key = provider + "/" + update.account + "/" + update.process_id;
    message.sequence = context.sequence;

    Json data{{"provider", provider},
              {"account", update.account},
              {"providerDocumentId", update.process_id},
              {"businessKey", text_or_null(update.reference)},
              {"status", name_of(words.state)},
              {"previousStatus", context.first ? Json(nullptr) : Json(name_of(context.previous_state))},
              {"terminal", is_terminal(words.state)},
              {"providerStatus", Json::array({update.provider_status})},
              {"reason", words.reason},
              {"participants", participants_json(update.participants)},
              {"documents", documents_json(documents)},
              {"labels", labels_json(context.labels)},
              {"observedVia", name_of(update.via)},
              {"observedAt", to_rfc3339(observed_at)},
              {"providerAck", update.acknowledge_at.empty() || update.hold ? "not-applicable" : "pending"}};
    data["historyEntry"] = {{"at", to_rfc3339(changed_at)},
                            {"action", "signature-" + std::string(words.suffix)},
                            {"actor", actor.empty() ? "@system" : actor},
                            {"description", words.description}};

    Json event{{"specversion", "1.0"},
               {"id", message.id},
               {"source", source},
               {"type", message.type},
               {"subject", update.process_id},
               {"time", to_rfc3339(changed_at)},
               {"datacontenttype", "application/json"},
               {"dataschema", data_schema},
               {"partitionkey", message.partition_key},
               {"sequence", padded(context.sequence)}};
    if (!context.correlation_id.empty()) event["correlationid"] = context.correlation_id;
    event["data"] = std::move(data);
    // What came from outside may hold bytes that are not UTF-8: they are replaced, never a reason to lose an event.
    message.json = event.dump(-1, ' ', false, Json::error_handler_t::replace);
    return message;
}

}  // namespace

std::string event_type(ProcessState state) {
    return type_for(suffix_of(state));
}

EventMessage compose_status_event(const StatusUpdate& update,
                                  const std::vector<StoredDocument>& documents,
                                  WallTime observed_at,
                                  const EventContext& context) {
    const Words words{suffix_of(update.state), update.state, describe(update, documents), reason_json(update.reason)};
    return compose(update, documents, observed_at, context, words);
}

EventMessage compose_parked_event(const StatusUpdate& update,
                                  std::string_view code,
                                  WallTime observed_at,
                                  const EventContext& context) {
    // Not the update's state: nobody may take a completion whose documents we do not hold for one.
    const Words words{"attention",
                      ProcessState::unknown,
                      "parked: " + std::string(code) + "; signwatch process retry takes it up again",
                      {{"code", "document-processing-failed"}, {"text", code}, {"actorRef", nullptr}}};
    return compose(update, {}, observed_at, context, words);
}

}  // namespace signwatch::pipeline
