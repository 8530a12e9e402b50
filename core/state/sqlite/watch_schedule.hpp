#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/ports/state_store.hpp"
#include "core/state/sqlite/accounts.hpp"
#include "core/state/sqlite/claimed_stretches.hpp"
#include "core/state/sqlite/due_rows.hpp"
#include "core/state/sqlite/hurried_watches.hpp"

namespace signwatch::sqlite {

/// The watches' part of the StateStore. due_watch is clustered by (account, due time), so a claim touches a few
/// neighbouring pages however many watches there are, and it only reads them; its rows cannot be found by watch id, so
/// those under way are remembered here, and what rests loses its row only when that comes due. Store thread.
class WatchSchedule {
public:
    void sync(Database& database, const std::string& account, const std::vector<WatchKey>& standing, WallTime now);
    std::vector<Watch> claim(Database& database, const ClaimWatches& claim);
    void settle(Database& database, const SettleWatch& settlement);
    static std::optional<WallTime> next_due(Database& database, const std::vector<std::string>& accounts);
    static std::size_t count(Database& database, const std::string& account);

    /// A transaction was lost: what is remembered here may not be in the rows.
    void forget_claims();

    /// The update that is being recorded is the newest of its watch, and may be the last.
    void note_seen(Database& database, const StatusUpdate& update);

    /// What Provider::complete made of an update, and when the provider may be asked about its process again.
    void note_committed(Database& database, const CommitUpdate& commit);

    /// `since` and `interval` are of the watch of a single process.
    static WatchId add(Database& database,
                       AccountId account,
                       const WatchKey& key,
                       WallTime due_at,
                       WallTime since = {},
                       std::optional<milliseconds> interval = {});
    static void hurry(Database& database, const std::vector<WatchKey>& standing, WallTime now);
    /// Gives a watch its row in due_watch unless it has one.
    static void schedule(Database& database, AccountId account, WatchId watch, WallTime due_at);
    /// An operator's order: parked watches of this process (empty: of every process) are looked at again. How many.
    static std::size_t unpark(Database& database,
                              const std::string& account,
                              const std::string& process_id,
                              WallTime now);

private:
    struct Claimed {
        DueRow row;
        WallTime until;
    };

    WallTime regular_look_ends(WatchId watch) const;
    std::vector<Watch> claim_regular(
        Database& database, AccountId account, const ClaimWatches::Account& terms, WallTime now, std::size_t limit);
    void give_up_overdue(Database& database, WallTime now);
    bool move_row(Database& database, Claimed& claimed, const SettleWatch& settlement);
    void end(Database& database, WatchId watch, const char* rest);
    static void wake(Database& database, const SettleWatch& settlement);
    void retire(Database& database, WatchId watch);

    std::unordered_map<WatchId, Claimed> claimed_;  ///< a hint: a stale entry costs a search, nothing else
    WallTime first_overdue_ = WallTime::max();      ///< none of the claims has run out before this
    ClaimedStretches stretches_;
    HurriedWatches hurried_;
};

}  // namespace signwatch::sqlite
