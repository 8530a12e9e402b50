#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/ports/retention.hpp"
#include "core/state/postgres/database.hpp"
#include "core/state/shared/pruning.hpp"

/// What leaves the record with a process that is over, and what stays of it.
namespace signwatch::postgres {

using state::OldProcesses;

/// One step of StateStore::prune_processes.
OldProcesses prune_processes(Database& database, const PruneProcesses& request, OldProcesses so_far);

std::vector<std::string> unowned_documents(Database& database, WallTime before, std::size_t limit);
void forget_documents(Database& database, const std::vector<std::string>& documents);

/// A process names this document now.
void own_document(Database& database, const std::string& sha256);

}  // namespace signwatch::postgres
