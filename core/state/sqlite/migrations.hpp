#pragma once

#include <span>
#include <string_view>

#include "core/state/sqlite/database.hpp"

namespace signwatch::sqlite {

/// One numbered file of schema/sqlite, built into the program.
struct Migration {
    int version = 0;
    std::string_view name;
    std::string_view sql;
};

/// All of them, version 1 first.
std::span<const Migration> migrations();

/// Brings the database to our schema, in one transaction. Error(permanent): "store_newer_schema" (made
/// by a newer signwatch), "store_foreign" (not ours), "store_changed_schema" (a migration differs from the one it was
/// made with).
void migrate(Database& database);

/// The version the database has; throws as above if we cannot read it.
int checked_version(Database& database);

}  // namespace signwatch::sqlite
