#include "core/state/sqlite/sqlite_state_store.hpp"
#include "tests/contract/audit_contract.hpp"
#include "tests/contract/notifications_contract.hpp"
#include "tests/contract/restarts_contract.hpp"
#include "tests/contract/retention_contract.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::testing {
namespace {

class Ignore : public Progress {
public:
    void reached(Step /*step*/) noexcept override {}
};

class SqliteUnderTest : public StateStoreUnderTest {
public:
    StateStore& store() override { return *store_; }
    StateView& view() override { return *view_; }
    void reopen() override {
        view_.reset();
        store_.reset();
        store_ = sqlite::open_state_store(file_, progress_);
        view_ = sqlite::open_state_view(file_);
    }

private:
    TempDir directory_;
    std::filesystem::path file_ = directory_.path() / "signwatch.db";
    Ignore progress_;
    std::unique_ptr<StateStore> store_ = sqlite::open_state_store(file_, progress_);
    std::unique_ptr<StateView> view_ = sqlite::open_state_view(file_);
};

std::unique_ptr<StateStoreUnderTest> make_sqlite() {
    return std::make_unique<SqliteUnderTest>();
}

INSTANTIATE_TEST_SUITE_P(Sqlite, StateStoreContract, ::testing::Values(make_sqlite));
INSTANTIATE_TEST_SUITE_P(Sqlite, ProcessContract, ::testing::Values(make_sqlite));
INSTANTIATE_TEST_SUITE_P(Sqlite, NotificationContract, ::testing::Values(make_sqlite));
INSTANTIATE_TEST_SUITE_P(Sqlite, AuditContract, ::testing::Values(make_sqlite));
INSTANTIATE_TEST_SUITE_P(Sqlite, RetentionContract, ::testing::Values(make_sqlite));
INSTANTIATE_TEST_SUITE_P(Sqlite, RestartContract, ::testing::Values(make_sqlite));

}  // namespace
}  // namespace signwatch::testing
