#include "core/state/shared/record_json.hpp"

#include <nlohmann/json.hpp>

#include "core/domain/error.hpp"
#include "core/domain/names.hpp"

namespace signwatch::state {
namespace {

using nlohmann::json;

std::string dump(const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

json read_array(const std::string& text) {
    json value = json::parse(text, nullptr, false);
    if (!value.is_array()) throw Error(ErrorKind::integrity, "store_corrupt", "database: a JSON column is damaged");
    return value;
}

}  // namespace

std::string encode(const std::vector<Participant>& participants) {
    json array = json::array();
    for (const Participant& each : participants) {
        json entry{{"ref", each.ref},
                   {"order", each.order},
                   {"state", name_of(each.state)},
                   {"providerStatus", each.provider_status}};
        if (each.acted_at) entry["actedAt"] = to_unix_ms(*each.acted_at);
        array.push_back(std::move(entry));
    }
    return dump(array);
}

std::string encode(const std::vector<DocumentRef>& documents) {
    json array = json::array();
    for (const DocumentRef& each : documents) {
        array.push_back(
            {{"kind", name_of(each.kind)}, {"participant", each.participant}, {"locator", each.locator.reveal()}});
        if (each.part != 0) array.back()["part"] = each.part;
        if (!each.counted) array.back()["counted"] = false;
    }
    return dump(array);
}

std::string encode(const std::vector<Label>& labels) {
    json array = json::array();
    for (const Label& each : labels)
        array.push_back({{"name", each.name}, {"value", each.value}});
    return dump(array);
}

std::vector<Label> decode_labels(const std::string& text) {
    std::vector<Label> labels;
    for (const json& entry : read_array(text))
        labels.push_back({entry.value("name", ""), entry.value("value", "")});
    return labels;
}

std::vector<Participant> decode_participants(const std::string& text) {
    std::vector<Participant> participants;
    for (const json& entry : read_array(text)) {
        Participant& each = participants.emplace_back();
        each.ref = entry.value("ref", "");
        each.order = entry.value("order", 0);
        each.state = from_name<ParticipantState>(entry.value("state", "")).value_or(ParticipantState::unknown);
        each.provider_status = entry.value("providerStatus", "");
        if (entry.contains("actedAt")) each.acted_at = from_unix_ms(entry.value("actedAt", std::int64_t{0}));
    }
    return participants;
}

std::vector<DocumentRef> decode_documents(const std::string& text) {
    std::vector<DocumentRef> documents;
    for (const json& entry : read_array(text)) {
        DocumentRef& each = documents.emplace_back();
        each.kind = from_name<DocumentKind>(entry.value("kind", "")).value_or(DocumentKind::pades);
        each.participant = entry.value("participant", 0);
        each.locator = Sensitive(entry.value("locator", ""));
        each.part = entry.value("part", 0);
        each.counted = entry.value("counted", true);
    }
    return documents;
}

}  // namespace signwatch::state
