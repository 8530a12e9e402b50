#pragma once

#include <optional>
#include <string>

#include "core/state/postgres/database.hpp"

namespace signwatch::postgres {

enum class ArrivalState {
    filling,    ///< not all of it is here: nobody may work on it
    released,   ///< complete, and at work
    abandoned,  ///< taken back by its source; nothing of it is here any more
};

/// The latest move of a record to this database. All of this in a transaction of the caller's.
struct Arrival {
    std::string move;    ///< which move it is: the source knows it by the same
    std::string source;  ///< where from, for people
    ArrivalState state = ArrivalState::filling;
};

/// nullopt: the record was made here.
std::optional<Arrival> find_arrival(Database& database);

/// Throws Error(permanent, "store_incomplete"), with what to do, while a record is on its way to here.
void require_arrived(Database& database);

/// Waits for transactions that write; until ours has ended nobody begins one, nor joins.
void hold_writers(Database& database);
/// What is here is on its way from now on. After hold_writers(): whoever comes next sees it.
void begin_arrival(Database& database, const Arrival& arrival);
void set_arrival(Database& database, ArrivalState state);

/// How many daemons are alive.
int count_members(Database& database);

}  // namespace signwatch::postgres
