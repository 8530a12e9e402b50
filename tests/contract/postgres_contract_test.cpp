#include "core/state/postgres/postgres_state_store.hpp"
#include "tests/contract/audit_contract.hpp"
#include "tests/contract/notifications_contract.hpp"
#include "tests/contract/restarts_contract.hpp"
#include "tests/contract/retention_contract.hpp"
#include "tests/fakes/postgres_server.hpp"

namespace signwatch::testing {
namespace {

class Ignore : public Progress {
public:
    void reached(Step /*step*/) noexcept override {}
};

// What survives a crash of the server is for postgres_test to see.
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

class PostgresUnderTest : public StateStoreUnderTest {
public:
    ~PostgresUnderTest() override {
        view_.reset();
        store_.reset();
        cluster().sql("postgres", "DROP DATABASE " + server_.database + " WITH (FORCE)");
    }
    StateStore& store() override { return *store_; }
    StateView& view() override { return *view_; }
    void reopen() override {
        view_.reset();
        store_.reset();
        store_ = postgres::open_state_store(server_, progress_, postgres::Role::member);
        view_ = postgres::open_state_view(server_);
    }

private:
    postgres::Server server_ = fresh_database();
    Ignore progress_;
    std::unique_ptr<StateStore> store_ = postgres::open_state_store(server_, progress_, postgres::Role::member);
    std::unique_ptr<StateView> view_ = postgres::open_state_view(server_);
};

std::unique_ptr<StateStoreUnderTest> make_postgres() {
    return std::make_unique<PostgresUnderTest>();
}

INSTANTIATE_TEST_SUITE_P(Postgres, StateStoreContract, ::testing::Values(make_postgres));
INSTANTIATE_TEST_SUITE_P(Postgres, ProcessContract, ::testing::Values(make_postgres));
INSTANTIATE_TEST_SUITE_P(Postgres, NotificationContract, ::testing::Values(make_postgres));
INSTANTIATE_TEST_SUITE_P(Postgres, AuditContract, ::testing::Values(make_postgres));
INSTANTIATE_TEST_SUITE_P(Postgres, RetentionContract, ::testing::Values(make_postgres));
INSTANTIATE_TEST_SUITE_P(Postgres, RestartContract, ::testing::Values(make_postgres));

}  // namespace
}  // namespace signwatch::testing
