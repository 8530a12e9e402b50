#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/state/postgres/database.hpp"

namespace signwatch::postgres {

/// One numbered file of schema/postgres, built into the program.
struct Migration {
    int version = 0;
    std::string_view name;
    std::string_view sql;
};

/// All of them, version 1 first.
std::span<const Migration> migrations();

/// Brings the database to our schema, in one transaction and one daemon at a time (advisory lock). Error(permanent):
/// "store_newer_schema" (made by a newer signwatch), "store_foreign" (not ours), "store_changed_schema" (a migration
/// differs from the one it was made with). Returns the version it had before.
int migrate(Database& database);

/// The version the database has, 0 if it is empty; throws as above if we cannot read it. In a transaction.
int checked_version(Database& database);

}  // namespace signwatch::postgres
