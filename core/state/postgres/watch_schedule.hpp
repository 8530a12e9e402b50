#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/ports/state_store.hpp"
#include "core/state/postgres/accounts.hpp"

/// The watches' part of the StateStore. A claim passes over what another replica is just claiming (SKIP LOCKED), and
/// over a queue of which another replica has an update in hand: a poll must not meet its confirmation.
namespace signwatch::postgres {

void sync_watches(Database& database, const std::string& account, const std::vector<WatchKey>& standing, WallTime now);
std::vector<Watch> claim_watches(Database& database, const ClaimWatches& claim);
void settle_watch(Database& database, const SettleWatch& settlement);
std::optional<WallTime> next_due(Database& database, const std::vector<std::string>& accounts);
std::size_t count_watches(Database& database, const std::string& account);

/// The update that is being recorded is the newest of its watch, and may be the last.
void note_seen(Database& database, const StatusUpdate& update);

/// What Provider::complete made of an update, and when the provider may be asked about its process again.
void note_committed(Database& database, const CommitUpdate& commit);

WatchId add_watch(Database& database, AccountId account, const WatchKey& key, WallTime due_at);
/// Gives a watch its row in due_watch unless it has one.
void schedule_watch(Database& database, AccountId account, WatchId watch, WallTime due_at);
/// Why it is not looked at: "" if it is. What rests is not counted, even while it has its row in due_watch.
void rest_watch(Database& database, WatchId watch, const std::string& word);
/// An operator's order: parked watches of this process (empty: of every process) are looked at again. How many.
std::size_t unpark_watches(Database& database, const std::string& account, const std::string& process_id, WallTime now);
/// Gives standing watches an extra look now.
void hurry_standing(Database& database, const std::vector<WatchKey>& standing, WallTime now);

}  // namespace signwatch::postgres
