#include "core/state/postgres/postgres_state_store.hpp"
#include "tests/contract/audit_contract.hpp"
#include "tests/contract/notifications_contract.hpp"
#include "tests/fakes/postgres_server.hpp"

namespace signwatch::testing {
namespace {

class Ignore : public Progress {
public:
    void reached(Step /*step*/) noexcept override {}
};

postgres::Server fresh_database() {
    postgres::Server server;
    server.host = shared_postgres().host();
    server.database = shared_postgres().make_database();
    server.lease = std::chrono::minutes{10};  // nobody beats here
    return server;
}

class PostgresUnderTest : public StateStoreUnderTest {
public:
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

}  // namespace
}  // namespace signwatch::testing
