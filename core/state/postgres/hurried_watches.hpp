#pragma once

#include <string>
#include <vector>

#include "core/ports/state_store.hpp"
#include "core/state/postgres/accounts.hpp"

/// Looks out of turn, by a hint or an order.
namespace signwatch::postgres {

/// The most watches that one claim gives, in SQL. Without a number the planner expects a tenth of all that is due, and
/// reads whole tables to join it.
#define SIGNWATCH_CLAIMED_AT_ONCE "2048"

/// Why a watch is hurried.
struct Hurry {
    Via via = Via::poll;  ///< poll: an order
    bool said_ended = false;
    bool said_restarted = false;
};

void hurry_watch(Database& database, AccountId account, WatchId watch, const Hurry& hurry, WallTime now);
void drop_hurried(Database& database, WatchId watch);
/// It rests from now on: looks are over, but for one owed to a hint that what has ended was restarted.
void rest_hurried(Database& database, WatchId watch, const char* rest);

/// The accounts of a claim as columns.
struct ClaimTerms {
    explicit ClaimTerms(const ClaimWatches& claim);

    WallTime now;
    std::vector<std::string> names;
    std::vector<std::int64_t> until;  ///< when their claims end
    std::vector<std::int64_t> most;
    std::vector<std::int64_t> gaps;  ///< repeat gap in milliseconds
};

struct Claimed {
    std::int64_t turn = 0;  ///< of its account in the claim, from 1
    WallTime due_at;        ///< of its row
    bool rests = false;
    Watch watch;
};

/// Columns 0 to 9 of both claims.
Claimed read_claimed(const Rows& rows);

/// What has to wait (its look is under way, its repeat gap not over) is moved away, and what is behind it has its turn.
std::vector<Claimed> claim_hurried(Database& database, const ClaimTerms& terms);
/// For every settlement: a hint that came during a look is due when that ends.
void settle_hurried(Database& database, const SettleWatch& settlement);

}  // namespace signwatch::postgres
