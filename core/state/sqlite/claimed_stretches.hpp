#pragma once

#include <compare>
#include <unordered_map>

#include "core/domain/watch.hpp"
#include "core/state/sqlite/accounts.hpp"

namespace signwatch::sqlite {

/// Where a row stands in due_watch, within its account.
struct Place {
    WallTime due_at;
    WatchId watch = 0;

    auto operator<=>(const Place&) const = default;
};

/// A claim moves no row: in the row of its account it marks the beginning of the schedule, up to a place, as claimed.
/// What stands there is under way, until its settlement moves it behind; whatever else is scheduled comes behind, too.
/// If the daemon dies, the next one puts what is left there to when the last of these claims has run out. Store thread.
class ClaimedStretches {
public:
    /// The end of the account's stretch, from where the next claim goes on. Asked for the first time since forget(),
    /// puts back what was claimed before.
    Place end(Database& database, AccountId account);

    /// Everything up to `end` is claimed, the last of it until `until`.
    void extend(Database& database, AccountId account, const Place& end, WallTime until);

    bool covers(Database& database, AccountId account, const Place& place);

    /// When the last claim in it runs out.
    WallTime until(Database& database, AccountId account);

    /// The due time nearest to the given one at which the watch is not taken for claimed.
    WallTime behind(Database& database, AccountId account, const Place& place);

    /// A transaction was lost: what is remembered here may not be in the rows.
    void forget() { stretches_.clear(); }

private:
    struct Stretch {
        Place end;
        WallTime until;
        bool ours = false;  ///< nothing of an earlier claim is in it
    };

    Stretch& of(Database& database, AccountId account);
    static void mark(Database& database, AccountId account, const Stretch& stretch);

    std::unordered_map<AccountId, Stretch> stretches_;
};

}  // namespace signwatch::sqlite
