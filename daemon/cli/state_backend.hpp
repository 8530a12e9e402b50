#pragma once

#include <memory>

#include "core/config/configuration.hpp"
#include "core/ports/progress.hpp"
#include "core/ports/state_store.hpp"
#include "core/ports/state_view.hpp"
#include "core/runtime/system_clock.hpp"
#include "core/state/postgres/server.hpp"
#include "core/state/shared/schema_state.hpp"

/// The state store that the configuration chooses.
namespace signwatch::cli {

enum class Opener {
    daemon,   ///< joins the other daemons of the store, if it has several
    command,  ///< works beside them
};

/// [postgres] as the store wants it.
postgres::Server server_of(const config::PostgresSettings& settings);

/// Throws what the stores throw on opening.
std::unique_ptr<StateStore> open_state(const config::StoreSettings& store, Progress& progress, Opener opener);
std::unique_ptr<StateView> open_state_view(const config::StoreSettings& store);

/// Puts a command's clock on the schedule timeline of the daemons: what they go by is in the store.
Task<void> adopt_timeline(StateStore& state, runtime::SystemClock& clock);

state::SchemaState schema_state(const config::StoreSettings& store);
void migrate_schema(const config::StoreSettings& store);

}  // namespace signwatch::cli
