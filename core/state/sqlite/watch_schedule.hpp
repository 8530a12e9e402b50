#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/ports/state_store.hpp"
#include "core/state/sqlite/accounts.hpp"

namespace signwatch::sqlite {

/// The watches' part of the StateStore. due_watch is clustered by (account, due time), so a claim touches a few
/// neighbouring pages however many watches there are; its rows cannot be found by watch id, so those under way are
/// remembered here. Store thread.
class WatchSchedule {
public:
    void sync(Database& database, const std::string& account, const std::vector<WatchKey>& standing, WallTime now);
    std::vector<Watch> claim(Database& database, const ClaimWatches& claim);
    void settle(Database& database, const SettleWatch& settlement);
    static std::optional<WallTime> next_due(Database& database, const std::vector<std::string>& accounts);

private:
    struct Row {
        AccountId account = 0;
        WallTime due_at;
    };

    std::optional<Row> locate(Database& database, WatchId watch);
    void retire(Database& database, WatchId watch);

    std::unordered_map<WatchId, Row> claimed_;  ///< a hint: a stale entry costs a search, nothing else
};

}  // namespace signwatch::sqlite
