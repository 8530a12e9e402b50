#pragma once

#include <cstddef>
#include <string>

#include "core/domain/time.hpp"
#include "core/state/postgres/database.hpp"

namespace signwatch::postgres {

/// The most rows of one kind that one prune step touches, so that nobody waits long behind it.
constexpr std::size_t prune_step = 500;

/// One step of StateStore::prune, oldest first. Less than a full step of every kind means that nothing is left to do.
struct Pruned {
    std::size_t rows = 0;
    bool more = false;
};
Pruned prune(Database& database, WallTime before);

std::string remember(Database& database, const std::string& name, const std::string& value_if_absent);
void replace(Database& database, const std::string& name, const std::string& value);
void probe(Database& database);

/// Writes what the transaction has counted.
void write_tally(Database& database);

}  // namespace signwatch::postgres
