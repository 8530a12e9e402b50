#pragma once

#include <cstdint>
#include <vector>

#include "core/ports/state_store.hpp"
#include "core/state/postgres/database.hpp"

/// Events on their way into the stream.
namespace signwatch::postgres {

/// Keeps an event of an update for the outbox, and its historyEntry in the history of the process.
void append_event(Database& database,
                  std::int64_t process,
                  UpdateId update,
                  const EventMessage& message,
                  const EventContext& context);

/// Puts the transaction's new events into the outbox under the next entry ids: its last step, because everybody else
/// waits for it.
void give_entries(Database& database);

std::vector<OutboxEvent> claim_outbox(Database& database, std::size_t limit);
void mark_published(Database& database, const std::vector<std::int64_t>& rows, WallTime now);
EntryId published_end(Database& database);
std::size_t reopen_outbox(Database& database, EntryId end);
/// Not only for the relay: it will find them.
std::size_t reopen_events(Database& database, const std::vector<OutboxEvent>& events);
void reassign_entries(Database& database, const std::vector<std::int64_t>& rows, EntryId floor, WallTime now);

}  // namespace signwatch::postgres
