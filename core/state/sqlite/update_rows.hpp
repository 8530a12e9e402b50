#pragma once

#include <string>
#include <vector>

#include "core/domain/status_update.hpp"
#include "core/state/shared/record_json.hpp"
#include "core/state/sqlite/database.hpp"

/// How updates stand in their rows.
namespace signwatch::sqlite {

using state::decode_documents;
using state::decode_labels;
using state::decode_participants;
using state::encode;

/// The update as the line needs it to go on. Error(permanent, "store_unknown_update") if there is none.
PendingUpdate load_pending(Database& database, UpdateId id);

/// Error(permanent, "store_unknown_update").
[[noreturn]] void throw_unknown_update();

/// After an update has left stage received: the oldest of its process that is still there has its turn.
void release_next(Database& database, std::int64_t process);

}  // namespace signwatch::sqlite
