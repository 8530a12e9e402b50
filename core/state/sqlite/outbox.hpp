#pragma once

#include <cstdint>
#include <vector>

#include "core/ports/state_store.hpp"
#include "core/state/sqlite/database.hpp"

/// Events on their way into the stream.
namespace signwatch::sqlite {

/// Puts an event of an update into the outbox under the next entry id, and its historyEntry into the history of the
/// process.
void append_event(Database& database,
                  std::int64_t process,
                  UpdateId update,
                  const EventMessage& message,
                  const EventContext& context);

std::vector<OutboxEvent> claim_outbox(Database& database, std::size_t limit);
void mark_published(Database& database, const std::vector<std::int64_t>& rows, WallTime now);
EntryId published_end(Database& database);
std::size_t reopen_events(Database& database, const std::vector<OutboxEvent>& events);
std::size_t reopen_outbox(Database& database, EntryId end);
void reassign_entries(Database& database, const std::vector<std::int64_t>& rows, EntryId floor, WallTime now);

}  // namespace signwatch::sqlite
