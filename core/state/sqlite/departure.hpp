#pragma once

#include <optional>
#include <string>

#include "core/state/sqlite/database.hpp"

namespace signwatch::sqlite {

/// A record on its way to another store, or gone. All of this in a transaction of the caller's.
struct Departure {
    std::string move;    ///< which move it is: the target knows it by the same
    std::string target;  ///< where to, for people
    bool moved = false;  ///< everything is there, and this record is history
};

/// nullopt: the record stays.
std::optional<Departure> find_departure(Database& database);

/// Throws Error(permanent): "store_moving" or "store_moved", with what to do. Every transaction that writes begins with
/// it: so nothing is written behind the back of a copy, and nothing ever into a record that goes on elsewhere.
void require_staying(Database& database);
/// The same for a database of whatever schema.
void require_never_left(Database& database);
/// For those who only read: throws "store_moved".
void require_current(Database& database);

/// From now on nobody else writes. What a dead daemon had claimed is put back as the next start would.
void begin_departure(Database& database, const Departure& departure, WallTime now);
void mark_moved(Database& database);
/// The record is in service again.
void cancel_departure(Database& database);

}  // namespace signwatch::sqlite
