#pragma once

#include <string>

#include "core/domain/time.hpp"
#include "core/state/postgres/database.hpp"
#include "core/state/shared/pruning.hpp"

namespace signwatch::postgres {

using state::Pruned;

/// One step of StateStore::prune.
Pruned prune(Database& database, WallTime before);

std::string remember(Database& database, const std::string& name, const std::string& value_if_absent);
void replace(Database& database, const std::string& name, const std::string& value);
void probe(Database& database);

/// Writes what the transaction has counted.
void write_tally(Database& database);

}  // namespace signwatch::postgres
