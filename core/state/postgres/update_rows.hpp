#pragma once

#include "core/domain/status_update.hpp"
#include "core/state/postgres/database.hpp"
#include "core/state/shared/record_json.hpp"

/// How updates stand in their rows.
namespace signwatch::postgres {

using state::decode_documents;
using state::decode_labels;
using state::decode_participants;
using state::encode;

/// The update as the line needs it to go on. Error(permanent, "store_unknown_update") if there is none.
PendingUpdate load_pending(Database& database, UpdateId id);

/// Error(permanent, "store_unknown_update").
[[noreturn]] void throw_unknown_update();

/// Error(cancelled, "lease_lost") if another living replica has the update in hand. Locks it.
void require_ours(Database& database, UpdateId id);

/// After an update has left stage received: the oldest of its process that is still there has its turn.
void release_next(Database& database, std::int64_t process);

}  // namespace signwatch::postgres
