#pragma once

#include <optional>
#include <string>

#include "core/domain/hint.hpp"
#include "core/state/sqlite/accounts.hpp"

/// What webhooks hinted at before anybody had registered it: then its first look is due at once. Kept for a day, and no
/// more than the newest ten thousand of an account, so that strangers' processes and floods take no room.
namespace signwatch::sqlite {

void keep_early_hint(Database& database, AccountId account, const ProcessHint& hint, WallTime now);
/// Those that are too old or too many; once after keeping some.
void forget_early_hints(Database& database, AccountId account, WallTime now);

struct EarlyHint {
    bool said_ended = false;
};
/// Forgets it, too; nullopt if there is none.
std::optional<EarlyHint> take_early_hint(Database& database,
                                         AccountId account,
                                         const std::string& process_id,
                                         WallTime now);

}  // namespace signwatch::sqlite
