#pragma once

#include <string>

#include "core/domain/time.hpp"
#include "core/state/shared/pruning.hpp"
#include "core/state/sqlite/database.hpp"

namespace signwatch::sqlite {

using state::Pruned;

/// One step of StateStore::prune.
Pruned prune(Database& database, WallTime before);

std::string remember(Database& database, const std::string& name, const std::string& value_if_absent);
void replace(Database& database, const std::string& name, const std::string& value);
void probe(Database& database);

}  // namespace signwatch::sqlite
