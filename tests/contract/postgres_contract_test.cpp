#include "core/state/postgres/postgres_state_store.hpp"
#include "tests/contract/audit_contract.hpp"
#include "tests/contract/fresh_database.hpp"
#include "tests/contract/notifications_contract.hpp"
#include "tests/contract/restarts_contract.hpp"
#include "tests/contract/retention_contract.hpp"

namespace signwatch::testing {
namespace {

class Ignore : public Progress {
public:
    void reached(Step /*step*/) noexcept override {}
};

class PostgresUnderTest : public StateStoreUnderTest {
public:
    StateStore& store() override { return *store_; }
    StateView& view() override { return *view_; }
    void reopen() override {
        view_.reset();
        store_.reset();
        store_ = postgres::open_state_store(database_.server(), progress_, postgres::Role::member);
        view_ = postgres::open_state_view(database_.server());
    }

private:
    FreshDatabase database_;
    Ignore progress_;
    std::unique_ptr<StateStore> store_ =
        postgres::open_state_store(database_.server(), progress_, postgres::Role::member);
    std::unique_ptr<StateView> view_ = postgres::open_state_view(database_.server());
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
