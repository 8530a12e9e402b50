#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/domain/event.hpp"
#include "core/events/redis/resp.hpp"

/// Events as entries of a Redis stream: the commands that write and ask, and the replies to them.
namespace signwatch::redis {

/// A batch is written in the order of its ids, which is how Redis wants them: throws Error(permanent, "stream_order").
void require_ascending(const std::vector<OutboxEvent>& batch);

void append_xadd(std::string& commands, std::string_view stream, const OutboxEvent& event);

/// The last id the stream has ever had, from the reply to XINFO STREAM; 0-0 if there is no stream. Throws what an error
/// reply means.
EntryId end_from(const Value& information);

/// What XINFO STREAM says about the entries that are there.
struct Extent {
    EntryId oldest;  ///< 0-0: there is none
    EntryId end;     ///< as end_from
};
Extent extent_from(const Value& information);

/// Whether the reply to `XRANGE stream id id` holds this event: an entry with the same id of its own.
bool holds(const Value& range, const OutboxEvent& event);

}  // namespace signwatch::redis
