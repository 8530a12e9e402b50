#pragma once

#include "core/ports/state_store.hpp"
#include "core/state/postgres/database.hpp"
#include "core/state/shared/commit_rules.hpp"

/// The second part of an update's way: durable with its event, or parked; then acknowledged.
namespace signwatch::postgres {

using state::CountedAcknowledgements;

bool commit_update(Database& database, const CommitUpdate& commit, CountedAcknowledgements& counted);
void park_update(Database& database, const ParkUpdate& park);
AcknowledgeTicket begin_acknowledge(Database& database,
                                    const BeginAcknowledge& request,
                                    CountedAcknowledgements& counted);
void end_acknowledge(Database& database, UpdateId id, AcknowledgeResult result);

}  // namespace signwatch::postgres
