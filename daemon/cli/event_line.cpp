#include "daemon/cli/event_line.hpp"

#include <nlohmann/json.hpp>

#include "daemon/cli/output.hpp"
#include "daemon/cli/rows.hpp"

namespace signwatch::cli {
namespace {

std::string text_at(const Json& object, const char* key) {
    if (!object.is_object()) return "";
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

Json member(const Json& object, const char* key) {
    if (!object.is_object()) return nullptr;
    const auto found = object.find(key);
    return found == object.end() ? Json(nullptr) : *found;
}

Json parsed(const EventRow& row) {
    auto event = Json::parse(row.event.message.json, nullptr, false);
    return event.is_discarded() ? Json(nullptr) : event;
}

std::string status_text(const Json& data, const std::string& type) {
    const auto status = text_at(data, "status");
    return type.find(".attention.") == std::string::npos ? status : status + " (attention)";
}

std::string document_text(const Json& document) {
    const auto participant = member(document, "participant");
    const bool numbered = participant.is_number_integer() && participant.get<std::int64_t>() > 0;
    const auto size = member(document, "size");
    return text_at(document, "kind") + (numbered ? "[" + participant.dump() + "]" : "") + " " +
           (size.is_number_unsigned() ? bytes_text(size.get<std::uint64_t>()) : "?") + " " +
           short_hash(text_at(document, "sha256"));
}

std::string documents_text(const Json& data) {
    std::string text;
    for (const auto& document : member(data, "documents"))
        text += (text.empty() ? "" : ", ") + document_text(document);
    return text.empty() ? "no documents" : text;
}

std::string time_of(const EventRow& row, const Json& data) {
    const auto observed = text_at(data, "observedAt");
    return observed.empty() ? to_rfc3339(from_unix_ms(static_cast<std::int64_t>(row.event.entry.ms))) : observed;
}

}  // namespace

std::string event_line(const EventRow& row) {
    const auto event = parsed(row);
    const auto data = member(event, "data");
    const std::string job = text_at(data, "account") + "/" + text_at(data, "providerDocumentId");
    const std::string via = text_at(data, "observedVia");
    return printable(time_of(row, data) + "  " + to_string(row.event.entry) + "  " + job + "  " +
                     status_text(data, row.event.message.type) + (via.empty() ? "" : " via " + via) + "  " +
                     documents_text(data) + "  " + (row.published ? "" : "not published yet, ") +
                     confirmation_text(row.acknowledgement));
}

Json event_json(const EventRow& row) {
    const auto& message = row.event.message;
    auto event = parsed(row);
    const auto data = member(event, "data");
    return {{"time", time_of(row, data)},
            {"entry", to_string(row.event.entry)},
            {"id", message.id},
            {"type", message.type},
            {"account", text_or_null(text_at(data, "account"))},
            {"process_id", text_or_null(text_at(data, "providerDocumentId"))},
            {"status", text_or_null(text_at(data, "status"))},
            {"sequence", message.sequence},
            {"published", row.published},
            {"acknowledgement", text_or_null(row.acknowledgement)},
            {"event", std::move(event)}};
}

}  // namespace signwatch::cli
