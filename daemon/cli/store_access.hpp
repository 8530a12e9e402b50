#pragma once

#include <memory>
#include <string>

#include "core/config/configuration.hpp"
#include "daemon/cli/commands.hpp"

namespace signwatch::cli {

/// The store that the options mean: --store, else what the configuration says (its files and secrets are not looked
/// at).
config::StoreSettings find_store(const StoreOptions& options, const Context& context);

/// The same, and where its documents are: with --store, in its directory.
RecordPlace find_record(const StoreOptions& options, const Context& context);

/// Throws Error(transient, "store_missing") if there is no database yet.
std::unique_ptr<StateView> open_view(const config::StoreSettings& store, const Context& context);
std::unique_ptr<StateView> open_view(const StoreOptions& options, const Context& context);

/// Throws Error(permanent, "not_found").
ProcessDetail find_process(StateView& view, const std::string& account, const std::string& process_id);

}  // namespace signwatch::cli
