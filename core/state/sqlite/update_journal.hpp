#pragma once

#include <string>

#include "core/ports/state_store.hpp"
#include "core/state/sqlite/database.hpp"
#include "core/state/sqlite/watch_schedule.hpp"

/// The first part of an update's way: its record.
namespace signwatch::sqlite {

RecordResult record_update(Database& database,
                           WatchSchedule& watches,
                           const StatusUpdate& update,
                           WallTime delivered_at);
void record_unreadable(Database& database, const std::string& account, const UnreadableAnswer& answer, WallTime now);

}  // namespace signwatch::sqlite
