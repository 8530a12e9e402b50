#include "core/domain/event.hpp"

#include <charconv>

namespace signwatch {

std::string to_string(EntryId id) {
    return std::to_string(id.ms) + "-" + std::to_string(id.n);
}

std::optional<EntryId> parse_entry_id(std::string_view text) {
    EntryId id;
    const char* const end = text.data() + text.size();
    const auto ms = std::from_chars(text.data(), end, id.ms);
    if (ms.ec != std::errc{} || ms.ptr == end || *ms.ptr != '-') return std::nullopt;
    const auto n = std::from_chars(ms.ptr + 1, end, id.n);
    if (n.ec != std::errc{} || n.ptr != end) return std::nullopt;
    return id;
}

}  // namespace signwatch
