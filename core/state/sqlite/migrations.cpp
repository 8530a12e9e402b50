#include "core/state/sqlite/migrations.hpp"

#include <chrono>
#include <string>

#include "core/crypto/digest.hpp"
#include "core/domain/error.hpp"

namespace signwatch::sqlite {
namespace {

constexpr int application_id = 0x5347'4e57;  // "SGNW"

std::int64_t pragma(Database& database, const char* sql) {
    Rows rows = database.query(sql);
    return rows.next() ? rows.integer(0) : 0;
}

bool is_empty(Database& database) {
    return pragma(database, "SELECT COUNT(*) FROM sqlite_schema") == 0;
}

void apply(Database& database, const Migration& migration) {
    database.script(std::string(migration.sql));
    const auto now = std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now());
    database.execute("INSERT INTO schema_migration VALUES (?1, ?2, ?3, ?4)",
                     migration.version,
                     migration.name,
                     crypto::sha256_hex(migration.sql),
                     WallTime{now});
}

void apply_missing(Database& database) {
    if (is_empty(database)) {
        database.script("PRAGMA application_id = " + std::to_string(application_id));
        database.script(
            "CREATE TABLE schema_migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL,"
            " applied_at INTEGER NOT NULL) STRICT");
    }
    const int version = checked_version(database);
    for (const Migration& migration : migrations()) {
        if (migration.version > version) apply(database, migration);
    }
}

}  // namespace

int checked_version(Database& database) {
    if (pragma(database, "PRAGMA application_id") != application_id) {
        throw Error(ErrorKind::permanent, "store_foreign", "this database was not made by signwatch");
    }
    int version = 0;
    Rows rows = database.query("SELECT version, sha256 FROM schema_migration ORDER BY version");
    while (rows.next()) {
        version = rows.small(0);
        if (version > static_cast<int>(migrations().size())) {
            throw Error(ErrorKind::permanent,
                        "store_newer_schema",
                        "the database has schema " + std::to_string(version) + ", this signwatch knows " +
                            std::to_string(migrations().size()) + ": use a newer signwatch");
        }
        const Migration& ours = migrations()[static_cast<std::size_t>(version - 1)];
        if (crypto::sha256_hex(ours.sql) != rows.text(1)) {
            throw Error(ErrorKind::permanent,
                        "store_changed_schema",
                        "schema " + std::to_string(version) + " of the database differs from ours");
        }
    }
    return version;
}

void migrate(Database& database) {
    database.script("BEGIN IMMEDIATE");
    try {
        apply_missing(database);
        database.script("COMMIT");
    } catch (...) {
        if (database.in_transaction()) database.script("ROLLBACK");
        throw;
    }
}

}  // namespace signwatch::sqlite
