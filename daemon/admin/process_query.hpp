#pragma once

#include <map>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "core/ports/state_view.hpp"

namespace signwatch::admin {

struct ProcessQuery {
    ProcessFilter filter;
    std::string mistake;  ///< not empty: what is wrong with the parameters
};

/// Reads correlationId, account, state, limit (1 to 1000, else 100) and offset; anything else is a mistake.
ProcessQuery read_query(const std::map<std::string, std::string>& parameters);

/// {"processes": [...]}: whole snapshots if the filter names a correlation id, else one row each. Blocking.
nlohmann::ordered_json processes_json(StateView& view, const ProcessFilter& filter);

/// The whole snapshot, or null if there is no such process. Blocking.
nlohmann::ordered_json snapshot_json(StateView& view, const std::string& account, const std::string& process_id);

}  // namespace signwatch::admin
