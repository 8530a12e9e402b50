#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signwatch {

/// The explicit id of a stream entry, `<ms>-<n>`. Assigned durably before publishing, strictly monotone per stream.
struct EntryId {
    std::uint64_t ms = 0;
    std::uint64_t n = 0;

    auto operator<=>(const EntryId&) const = default;
    bool is_zero() const { return ms == 0 && n == 0; }
};

std::string to_string(EntryId id);
std::optional<EntryId> parse_entry_id(std::string_view text);

/// A CloudEvents message ready to publish; `json` is authoritative, the other fields are copies for filtering.
struct EventMessage {
    std::string id;              ///< deterministic: a repeat of the same change has the same id
    std::string type;            ///< "io.signwatch.signature.completed.v1"
    std::string partition_key;   ///< ordering key "<provider>/<account>/<process id>"
    std::uint64_t sequence = 0;  ///< gap-free per process, from 1
    std::string json;
};

/// An event in the outbox with its durable entry id.
struct OutboxEvent {
    std::int64_t row = 0;
    EntryId entry;
    EventMessage message;
};

}  // namespace signwatch
