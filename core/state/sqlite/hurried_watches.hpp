#pragma once

#include <functional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/ports/state_store.hpp"
#include "core/state/sqlite/accounts.hpp"

namespace signwatch::sqlite {

/// What makes a watch due out of turn.
struct Hurry {
    Via via = Via::poll;
    bool said_ended = false;
    bool said_restarted = false;
};

/// Looks out of turn, by a hint or an order: each an extra row, beside the regular one that stays where it is. A hint
/// that comes during a look is put off to just behind that look's claim, and due as soon as the look is settled. Store
/// thread.
class HurriedWatches {
public:
    /// Until when the watch's regular look is claimed; long ago if none is under way.
    using UnderWay = std::function<WallTime(WatchId)>;

    static void hurry(Database& database, AccountId account, WatchId watch, const Hurry& hurry, WallTime now);
    static void drop(Database& database, WatchId watch);
    /// It rests from now on: looks are over, but for one owed to a hint that what has ended was restarted.
    static void rest(Database& database, WatchId watch, const char* rest);

    std::vector<Watch> claim(Database& database,
                             AccountId account,
                             const ClaimWatches::Account& terms,
                             WallTime now,
                             const UnderWay& under_way);

    /// A look was settled, hurried or not.
    void settle(Database& database, const SettleWatch& settlement);

    void forget_claims();

private:
    struct Due;

    std::vector<Due> first_due(Database& database, AccountId account, const ClaimWatches::Account& terms, WallTime now);

    std::unordered_map<WatchId, WallTime> claimed_;  ///< until when a hurried look is claimed
    std::unordered_set<WatchId> put_off_;            ///< hinted at during a look
};

}  // namespace signwatch::sqlite
