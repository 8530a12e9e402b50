#include "core/events/redis/entries.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "core/domain/error.hpp"
#include "core/events/redis/reply_error.hpp"

namespace signwatch::redis {
namespace {

std::string padded(std::uint64_t sequence) {
    constexpr std::size_t digits = 20;
    const std::string text = std::to_string(sequence);
    return std::string(digits - text.size(), '0') + text;
}

// Field names and values take turns in the arrays of Redis.
const Value* field(const Value& pairs, std::string_view name) {
    for (std::size_t i = 0; i + 1 < pairs.elements.size(); i += 2)
        if (pairs.elements[i].text == name) return &pairs.elements[i + 1];
    return nullptr;
}

}  // namespace

void require_ascending(const std::vector<OutboxEvent>& batch) {
    EntryId last;
    for (const OutboxEvent& event : batch) {
        if (event.entry <= last)
            throw Error(ErrorKind::permanent, "stream_order", "the entry ids of a batch are not ascending");
        last = event.entry;
    }
}

void append_xadd(std::string& commands, std::string_view stream, const OutboxEvent& event) {
    const EventMessage& message = event.message;
    const std::string entry = to_string(event.entry);
    const std::string sequence = padded(message.sequence);
    append_command(commands,
                   {"XADD",
                    stream,
                    entry,
                    "ce",
                    message.json,
                    "id",
                    message.id,
                    "type",
                    message.type,
                    "key",
                    message.partition_key,
                    "seq",
                    sequence});
}

EntryId end_from(const Value& information) {
    if (information.is_error() && information.text == "ERR no such key") return {};
    if (information.is_error()) throw error_of(information.text);
    const Value* last = field(information, "last-generated-id");
    const auto id = last == nullptr ? std::nullopt : parse_entry_id(last->text);
    if (!id) throw Error(ErrorKind::transient, "redis_protocol", "the reply to XINFO STREAM has no last-generated-id");
    return *id;
}

Extent extent_from(const Value& information) {
    Extent extent;
    extent.end = end_from(information);
    const Value* first = information.is_error() ? nullptr : field(information, "first-entry");
    if (first == nullptr || first->elements.empty()) return extent;
    const auto id = parse_entry_id(first->elements.front().text);
    if (!id) throw Error(ErrorKind::transient, "redis_protocol", "the reply to XINFO STREAM has a strange first-entry");
    extent.oldest = *id;
    return extent;
}

bool holds(const Value& range, const OutboxEvent& event) {
    if (range.is_error()) throw error_of(range.text);
    if (range.elements.size() != 1 || range.elements.front().elements.size() != 2) return false;
    const Value* id = field(range.elements.front().elements.back(), "id");
    return id != nullptr && id->text == event.message.id;
}

}  // namespace signwatch::redis
