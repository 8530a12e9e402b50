#pragma once

#include <string>

#include "core/ports/state_store.hpp"
#include "core/state/postgres/database.hpp"
#include "core/state/postgres/watch_schedule.hpp"

/// The first part of an update's way: its record.
namespace signwatch::postgres {

RecordResult record_update(Database& database, const StatusUpdate& update, WallTime delivered_at);
void record_unreadable(Database& database, const std::string& account, const UnreadableAnswer& answer, WallTime now);

}  // namespace signwatch::postgres
