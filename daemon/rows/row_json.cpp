#include "daemon/rows/row_json.hpp"

#include <nlohmann/json.hpp>

#include "core/domain/names.hpp"

namespace signwatch::rows {
namespace {

Json participant_json(const Participant& participant) {
    return {{"ref", participant.ref},
            {"order", participant.order},
            {"state", name_of(participant.state)},
            {"provider_status", participant.provider_status},
            {"acted_at", time_or_null(participant.acted_at)}};
}

Json update_json(const UpdateRow& update) {
    return {{"id", update.id},
            {"state", name_of(update.state)},
            {"provider_status", update.provider_status},
            {"stage", name_of(update.stage)},
            {"acknowledgement", text_or_null(update.acknowledgement)},
            {"attempts", update.attempts},
            {"last_code", text_or_null(update.last_code)},
            {"delivered_at", to_rfc3339(update.delivered_at)}};
}

Json history_json(const HistoryEntry& entry) {
    return {{"at", to_rfc3339(entry.at)},
            {"action", entry.action},
            {"actor", entry.actor},
            {"description", entry.description}};
}

Json labels_json(const std::vector<Label>& labels) {
    auto object = Json::object();
    for (const Label& label : labels)
        object[label.name] = label.value;
    return object;
}

template <typename Row>
Json list_json(const std::vector<Row>& rows, Json (*convert)(const Row&)) {
    auto list = Json::array();
    for (const auto& row : rows)
        list.push_back(convert(row));
    return list;
}

}  // namespace

Json text_or_null(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

Json time_or_null(const std::optional<WallTime>& time) {
    return time ? Json(to_rfc3339(*time)) : Json(nullptr);
}

std::string looks_word(const ProcessRow& row) {
    if (row.watched) return "yes";
    if (row.paused) return "paused";
    if (row.parked) return "parked";
    return row.removed ? "removed" : "no";
}

Json watch_json(const WatchRow& row) {
    const WatchKey& key = row.watch.key;
    const PollMemory& memory = row.watch.memory;
    return {{"id", row.watch.id},
            {"account", key.account},
            {"kind", name_of(key.kind)},
            {"target", key.target},
            {"due_at", to_rfc3339(row.watch.due_at)},
            {"last_polled_at", time_or_null(row.last_polled_at)},
            {"last_success_at", time_or_null(row.last_success_at)},
            {"errors", memory.errors},
            {"throttles", memory.throttles},
            {"missing_headers", memory.missing_headers}};
}

Json process_json(const ProcessRow& row) {
    return {{"provider", name_of(row.provider)},
            {"account", row.account},
            {"process_id", row.process_id},
            {"correlation_id", text_or_null(row.correlation_id)},
            {"state", name_of(row.state)},
            {"stage", name_of(row.stage)},
            {"acknowledgement", text_or_null(row.acknowledgement)},
            {"sequence", row.sequence},
            {"documents", row.documents},
            {"first_seen_at", to_rfc3339(row.first_seen_at)},
            {"updated_at", to_rfc3339(row.updated_at)},
            {"registered_at", time_or_null(row.registered_at)},
            {"deadline", time_or_null(row.deadline)},
            {"interval_ms", row.interval ? Json(row.interval->count()) : Json(nullptr)},
            {"labels", labels_json(row.labels)},
            {"looked_at", looks_word(row)}};
}

Json process_detail_json(const ProcessDetail& detail) {
    auto json = process_json(detail.process);
    json["documents"] = list_json(detail.documents, document_json);
    json["participants"] = list_json(detail.participants, participant_json);
    json["updates"] = list_json(detail.updates, update_json);
    json["history"] = list_json(detail.history, history_json);
    return json;
}

Json document_json(const StoredDocument& document) {
    return {{"kind", name_of(document.kind)},
            {"participant", document.participant},
            {"part", document.part},
            {"size", document.digest.size},
            {"sha256", document.digest.sha256},
            {"media_type", document.media_type},
            {"uri", document.uri},
            {"verification", document.verification},
            {"stored_at", to_rfc3339(document.stored_at)}};
}

Json document_row_json(const DocumentRow& row) {
    Json json{{"account", row.account}, {"process_id", row.process_id}};
    json.update(document_json(row.document));
    return json;
}

}  // namespace signwatch::rows
