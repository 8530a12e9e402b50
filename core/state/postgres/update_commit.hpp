#pragma once

#include <unordered_set>

#include "core/ports/state_store.hpp"
#include "core/state/postgres/database.hpp"

/// The second part of an update's way: durable with its event, or parked; then acknowledged.
namespace signwatch::postgres {

/// Final updates whose first acknowledgement was counted by their commit and has not begun yet: begin_acknowledge need
/// not write again, which saves the line one fsync. Lost with the process: then the next attempt counts as the second,
/// which is safe.
using CountedAcknowledgements = std::unordered_set<UpdateId>;

bool commit_update(Database& database, const CommitUpdate& commit, CountedAcknowledgements& counted);
void park_update(Database& database, const ParkUpdate& park);
AcknowledgeTicket begin_acknowledge(Database& database,
                                    const BeginAcknowledge& request,
                                    CountedAcknowledgements& counted);
void end_acknowledge(Database& database, UpdateId id, AcknowledgeResult result);

}  // namespace signwatch::postgres
