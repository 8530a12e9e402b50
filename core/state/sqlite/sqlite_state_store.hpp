#pragma once

#include <filesystem>
#include <memory>

#include "core/ports/progress.hpp"
#include "core/ports/state_store.hpp"
#include "core/ports/state_view.hpp"
#include "core/state/shared/schema_state.hpp"

namespace signwatch::sqlite {

/// Opens the record, creating it (0600) or bringing it to our schema first. Durable: WAL with synchronous=FULL; calls
/// that come together share a transaction. Several processes may have it open. `progress` outlives the store and is
/// told commit_begun and commit_done from the store's thread. Destroying the store finishes the calls under way. Throws
/// Error: transient "store_open" (cannot be opened now), integrity "store_corrupt", permanent "store_newer_schema",
/// "store_changed_schema" or "store_foreign" (not a database of this signwatch), "store_moving" or "store_moved" (it
/// goes on elsewhere; calls under way fail with the same).
std::unique_ptr<StateStore> open_state_store(const std::filesystem::path& database, Progress& progress);

/// Opens the record for reading, also while the daemon runs or while it moves. Throws as above, and permanent
/// "store_missing".
std::unique_ptr<StateView> open_state_view(const std::filesystem::path& database);

state::SchemaState schema_state(const std::filesystem::path& database);
/// Applies what is missing. Throws as open_state_store.
void migrate_schema(const std::filesystem::path& database);

}  // namespace signwatch::sqlite
