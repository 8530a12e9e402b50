#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/domain/watch.hpp"
#include "core/state/sqlite/claimed_stretches.hpp"

/// The rows of due_watch. Each holds all that a look needs, as it is in the row of the watch, so that a claim reads
/// neighbouring rows alone; the few whose watch has changed since stand in changed_watch, and are read from there.
namespace signwatch::sqlite {

struct DueRow {
    AccountId account = 0;
    WallTime due_at;  ///< where it stands
    Watch watch;      ///< without the account's name; its due_at is that of the row
    std::optional<WallTime> last_success_at;
    std::int64_t changes = 0;  ///< of the watch, that are not in the row yet but in `watch`
    bool rests = false;
};

/// The account's first rows behind a place that are due.
std::vector<DueRow> due_rows(
    Database& database, AccountId account, const Place& behind, WallTime now, std::size_t limit);

/// Reads the account's whole schedule.
std::optional<DueRow> find_row(Database& database, AccountId account, WatchId watch);

/// False: it does not stand there.
bool take_out(Database& database, AccountId account, WallTime due_at, WatchId watch);

/// After a look that was settled then. The row knows of its changes from now on.
void put_in(Database& database, DueRow& row, WallTime polled_at);

/// The row of a watch that had none, as its row in `watch` says, behind what is claimed.
void add_row(Database& database, AccountId account, WatchId watch, WallTime due_at);

}  // namespace signwatch::sqlite
