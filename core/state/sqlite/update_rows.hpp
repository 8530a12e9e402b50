#pragma once

#include <string>
#include <vector>

#include "core/domain/registration.hpp"
#include "core/domain/status_update.hpp"
#include "core/state/sqlite/database.hpp"

/// How updates stand in their rows.
namespace signwatch::sqlite {

std::string encode(const std::vector<Participant>& participants);
std::string encode(const std::vector<DocumentRef>& documents);
std::string encode(const std::vector<Label>& labels);
std::vector<Label> decode_labels(const std::string& json);
std::vector<Participant> decode_participants(const std::string& json);
std::vector<DocumentRef> decode_documents(const std::string& json);

/// The update as the line needs it to go on. Error(permanent, "store_unknown_update") if there is none.
PendingUpdate load_pending(Database& database, UpdateId id);

/// Error(permanent, "store_unknown_update").
[[noreturn]] void throw_unknown_update();

/// After an update has left stage received: the oldest of its process that is still there has its turn.
void release_next(Database& database, std::int64_t process);

}  // namespace signwatch::sqlite
