#include "core/state/copy/tables.hpp"

#include <nlohmann/json.hpp>

namespace signwatch::copy {
namespace {

constexpr Type text = Type::text;
constexpr Type truth = Type::truth;
constexpr Type bytes = Type::bytes;

std::vector<Table> make_tables() {
    return {
        {"account", 1, {{"id"}, {"name", text}, {"not_before"}}},
        {"watch",
         1,
         {{"id"},
          {"account_id"},
          {"kind", text},
          {"target", text},
          {"retired_until"},
          {"rests", text},
          {"seen", text},
          {"interval_ms"},
          {"since"}}},
        {"due_watch",
         3,
         {{"account_id"},
          {"due_at"},
          {"watch_id"},
          {"errors"},
          {"throttles"},
          {"missing_headers"},
          {"attempts"},
          {"last_polled_at"},
          {"last_success_at"}}},
        {"hurried_watch",
         3,
         {{"account_id"},
          {"due_at"},
          {"watch_id"},
          {"via", text},
          {"said_ended", truth},
          {"errors"},
          {"said_restarted", truth}}},
        {"early_hint", 2, {{"account_id"}, {"process_id", text}, {"came_at"}, {"said_ended", truth}}},
        {"watch_note", 1, {{"watch_id"}, {"bookmark", bytes}, {"token", text}}},
        {"repeat_gap", 1, {{"watch_id"}, {"until"}}},
        {"notification",
         1,
         {{"id"}, {"account_id"}, {"dedup_key", text}, {"received_at"}, {"due_at"}, {"attempts"}, {"set_aside", text}}},
        {"notification_body", 1, {{"notification_id"}, {"body", bytes}}},
        {"process",
         1,
         {{"id"},
          {"account_id"},
          {"process_id", text},
          {"provider", text},
          {"correlation_id", text},
          {"state", text},
          {"sequence"},
          {"newest_committed"},
          {"participants", text},
          {"first_seen_at"},
          {"updated_at"},
          {"registered_at"},
          {"watch_id"},
          {"deadline_at"},
          {"deadline_reported", truth},
          {"labels", text}}},
        {"deadline", 3, {{"account_id"}, {"due_at"}, {"process_id"}}},
        {"status_update",
         1,
         {{"id"},
          {"process_id"},
          {"account_id"},
          {"watch_id"},
          {"fingerprint", text},
          {"reference", text},
          {"state", text},
          {"provider_status", text},
          {"reason_code", text},
          {"reason_participant", text},
          {"changed_at"},
          {"participants", text},
          {"documents", text},
          {"acknowledge_at", text},
          {"hold", truth},
          {"incomplete", truth},
          {"fetched_before", truth},
          {"stage", text},
          {"acknowledgement", text},
          {"attempts"},
          {"acknowledge_attempts"},
          {"last_code", text},
          {"delivered_at"},
          {"committed_at"},
          {"next_attempt_at"},
          {"waiting", truth},
          {"via", text},
          {"retry_from"}}},
        {"update_body", 1, {{"update_id"}, {"body", bytes}}},
        {"unreadable", 1, {{"id"}, {"account_id"}, {"code", text}, {"body", bytes}, {"at"}}},
        {"document",
         1,
         {{"id"},
          {"process_id"},
          {"update_id"},
          {"kind", text},
          {"participant"},
          {"part"},
          {"sha256", text},
          {"size"},
          {"media_type", text},
          {"uri", text},
          {"verification", text},
          {"stored_at"}}},
        {"unowned_document", 1, {{"id"}, {"sha256", text}, {"size"}, {"since"}}},
        {"history", 1, {{"id"}, {"process_id"}, {"at"}, {"action", text}, {"actor", text}, {"description", text}}},
        {"event",
         1,
         {{"id"},
          {"update_id"},
          {"event_id", text},
          {"type", text},
          {"partition_key", text},
          {"sequence"},
          {"json", text}}},
        {"outbox", 1, {{"event"}, {"entry_ms"}, {"entry_n"}, {"published_at"}}},
        {"stream_position", 1, {{"id"}, {"given_ms"}, {"given_n"}, {"published_ms"}, {"published_n"}}},
        {"call_count", 3, {{"budget", text}, {"span", text}, {"begin_at"}, {"calls"}}},
        // The anchor ties a timeline to one machine: the target has one of its own.
        {"remembered", 1, {{"name", text}, {"value", bytes}}, "name <> 'schedule_anchor'"},
    };
}

}  // namespace

std::span<const Table> tables() {
    static const std::vector<Table> all = make_tables();
    return all;
}

Key key_of(const Table& table, const Row& row) {
    Key key;
    for (std::size_t i = 0; i < table.keys; ++i) {
        const std::string& cell = row.at(i).value();
        if (table.columns[i].type == Type::text)
            key.emplace_back(cell);
        else
            key.emplace_back(static_cast<std::int64_t>(std::stoll(cell)));
    }
    return key;
}

std::string encode(const Key& key) {
    nlohmann::json array = nlohmann::json::array();
    for (const auto& each : key)
        std::visit([&array](const auto& value) { array.push_back(value); }, each);
    return array.dump();
}

Key decode(const std::string& text) {
    Key key;
    for (const nlohmann::json& each : nlohmann::json::parse(text)) {
        if (each.is_string())
            key.emplace_back(each.get<std::string>());
        else
            key.emplace_back(each.get<std::int64_t>());
    }
    return key;
}

std::string names(const Table& table, std::size_t count, std::string_view suffix) {
    std::string list;
    for (std::size_t i = 0; i < count; ++i) {
        const Column& column = table.columns[i];
        list += (i > 0 ? ", " : "") + std::string(column.name);
        if (column.type == Type::text) list += suffix;
    }
    return list;
}

std::string bindings(std::string_view mark, std::size_t first, std::size_t count) {
    std::string list;
    for (std::size_t i = 0; i < count; ++i)
        list += (i > 0 ? ", " : "") + std::string(mark) + std::to_string(first + i);
    return list;
}

}  // namespace signwatch::copy
