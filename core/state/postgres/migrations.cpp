#include "core/state/postgres/migrations.hpp"

#include "core/crypto/digest.hpp"
#include "core/domain/error.hpp"
#include "core/state/postgres/postgres_state_store.hpp"

namespace signwatch::postgres {
namespace {

bool has_table(Database& database, const char* name) {
    Rows rows = database.query("SELECT to_regclass($1) IS NOT NULL", name);
    return rows.next() && rows.truth(0);
}

void apply(Database& database, const Migration& migration) {
    database.script(std::string(migration.sql));
    database.execute("INSERT INTO schema_migration VALUES ($1, $2, $3, now())",
                     migration.version,
                     migration.name,
                     crypto::sha256_hex(migration.sql));
}

int apply_missing(Database& database) {
    // Another daemon may just be at it, for as long as that takes.
    database.script("SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = '10min'");
    database.script("SELECT pg_advisory_xact_lock(5999222)");
    const int version = checked_version(database);
    if (version == 0) {
        database.script(
            "CREATE TABLE schema_migration (version integer PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL,"
            " applied_at timestamptz NOT NULL)");
    }
    for (const Migration& migration : migrations()) {
        if (migration.version > version) apply(database, migration);
    }
    return version;
}

}  // namespace

int checked_version(Database& database) {
    if (!has_table(database, "schema_migration")) {
        for (const char* const ours : {"watch", "process", "outbox"}) {
            if (has_table(database, ours))
                throw Error(ErrorKind::permanent, "store_foreign", "this database was not made by signwatch");
        }
        return 0;
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

int migrate(Database& database) {
    database.begin();
    try {
        const int before = apply_missing(database);
        database.commit();
        return before;
    } catch (...) {
        database.roll_back();
        throw;
    }
}

state::SchemaState schema_state(const Server& server) {
    Database database(server);
    database.begin_reading();
    state::SchemaState state;
    state.version = checked_version(database);
    for (const Migration& migration : migrations())
        if (migration.version > state.version) state.missing.emplace_back(migration.name);
    return state;
}

void migrate_schema(const Server& server) {
    Database database(server);
    migrate(database);
}

}  // namespace signwatch::postgres
