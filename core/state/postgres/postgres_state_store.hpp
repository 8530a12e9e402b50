#pragma once

#include <memory>

#include "core/ports/progress.hpp"
#include "core/ports/state_store.hpp"
#include "core/ports/state_view.hpp"
#include "core/state/postgres/server.hpp"
#include "core/state/shared/schema_state.hpp"

namespace signwatch::postgres {

enum class Role {
    member,  ///< a daemon: it joins the fleet, and writes only while its lease holds
    tool,    ///< a command beside the daemons: it holds nothing and needs no lease
};

/// Opens the record, bringing it to our schema first. Calls that come together share a transaction; a connection that
/// is lost is made anew, and a commit in doubt is looked up before anything is repeated. `progress` outlives the store
/// and is told commit_begun and commit_done from the store's thread. Destroying the store finishes the calls under way
/// and leaves the fleet. Throws Error: transient "store_unreachable", unauthorized "store_credential", permanent
/// "store_newer_schema", "store_changed_schema", "store_foreign", "store_encoding" or "store_incomplete" (a record is
/// still on its way to there).
std::unique_ptr<StateStore> open_state_store(const Server& server, Progress& progress, Role role);

/// Opens the record for reading. Throws as above, and permanent "store_missing" (nothing there yet) or
/// "store_older_schema".
std::unique_ptr<StateView> open_state_view(const Server& server);

state::SchemaState schema_state(const Server& server);

/// Applies what is missing. Throws as open_state_store.
void migrate_schema(const Server& server);

}  // namespace signwatch::postgres
