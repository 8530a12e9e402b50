#include "tests/contract/fresh_database.hpp"

#include "core/state/postgres/postgres_state_store.hpp"
#include "tests/fakes/postgres_server.hpp"

namespace signwatch::testing {
namespace {

PostgresServer& cluster() {
    static PostgresServer server({"fsync=off", "full_page_writes=off"});
    return server;
}

postgres::Server database_called(const std::string& name) {
    postgres::Server server;
    server.host = cluster().host();
    server.database = name;
    server.lease = std::chrono::minutes{10};  // nobody beats here
    return server;
}

std::string migrated_database() {
    const std::string name = cluster().make_database();
    postgres::migrate_schema(database_called(name));
    return name;
}

postgres::Server fresh_database() {
    static const std::string original = migrated_database();
    return database_called(cluster().make_database(original));
}

}  // namespace

FreshDatabase::FreshDatabase() : server_(fresh_database()) {}

FreshDatabase::~FreshDatabase() {
    cluster().sql("postgres", "DROP DATABASE " + server_.database + " WITH (FORCE)");
}

}  // namespace signwatch::testing
