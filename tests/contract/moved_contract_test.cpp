// Every suite once more on a record that is moved from SQLite to PostgreSQL where the others restart their store, or at
// the end: what the record shows is the same before and after.
#include <algorithm>
#include <optional>

#include <nlohmann/json.hpp>

#include "core/runtime/system_clock.hpp"
#include "core/state/copy/record_copy.hpp"
#include "core/state/postgres/postgres_state_store.hpp"
#include "core/state/sqlite/sqlite_state_store.hpp"
#include "daemon/rows/row_json.hpp"
#include "tests/contract/audit_contract.hpp"
#include "tests/contract/fresh_database.hpp"
#include "tests/contract/notifications_contract.hpp"
#include "tests/contract/restarts_contract.hpp"
#include "tests/contract/retention_contract.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::testing {
namespace {

using rows::Json;

constexpr std::size_t all = 1'000'000;

class Ignore : public Progress {
public:
    void reached(Step /*step*/) noexcept override {}
};

std::int64_t ms_or_zero(const std::optional<WallTime>& time) {
    return time ? to_unix_ms(*time) : 0;
}

// What is due at the same time has no order.
Json sorted(Json list) {
    std::sort(list.begin(), list.end(), [](const Json& a, const Json& b) { return a.dump() < b.dump(); });
    return list;
}

Json describe_events(StateView& view) {
    Json list = Json::array();
    for (const EventRow& row : view.events({}, all)) {
        const EventMessage& message = row.event.message;
        list.push_back({row.event.row,
                        row.event.entry.ms,
                        row.event.entry.n,
                        message.id,
                        message.type,
                        message.partition_key,
                        message.sequence,
                        message.json,
                        row.published,
                        row.acknowledgement});
    }
    return list;
}

Json describe_budgets(StateView& view) {
    Json list = Json::array();
    for (const BudgetRow& row : view.budgets())
        for (const CallCount& each : row.calls)
            list.push_back({row.budget, static_cast<int>(each.span), to_unix_ms(each.begin), each.calls});
    return sorted(list);
}

Json describe_audit(StateView& view) {
    Json json = Json::object();
    for (const DocumentClaim& each : view.document_claims("", 0, all))
        json["claims"].push_back({each.digest.sha256, each.digest.size, each.row, each.update, each.process_id});
    for (const FaultyUpdate& each : view.faulty_updates(0, all, WallTime::max()).rows)
        json["faults"].push_back({each.id, static_cast<int>(each.fault)});
    for (const PlacedWatch& each : view.unscheduled_watches(0, all).rows)
        json["unscheduled"].push_back(each.key.target);
    for (const LostProcess& each : view.lost_processes(0, all).rows)
        json["lost"].push_back(each.process_id);
    return json;
}

Json describe_summary(StateView& view) {
    const StoreSummary summary = view.summary();
    return {summary.watches,
            summary.processes,
            summary.documents,
            summary.unacknowledged,
            ms_or_zero(summary.oldest_unacknowledged),
            summary.parked,
            summary.unreadable,
            summary.outbox_depth,
            ms_or_zero(summary.oldest_unpublished),
            summary.notifications,
            ms_or_zero(summary.oldest_notification),
            summary.notifications_aside};
}

Json describe(StateView& view) {
    Json json = Json::object();
    WatchFilter every_watch;
    every_watch.limit = all;
    for (const WatchRow& row : view.watches(every_watch))
        json["watches"].push_back(rows::watch_json(row));
    if (json.contains("watches")) json["watches"] = sorted(json["watches"]);
    ProcessFilter every_process;
    every_process.limit = all;
    for (const ProcessRow& row : view.processes(every_process))
        json["processes"].push_back(rows::process_detail_json(view.process(row.account, row.process_id).value()));
    for (const DocumentRow& row : view.documents("", "", all))
        json["documents"].push_back(rows::document_row_json(row));
    json["events"] = describe_events(view);
    json["budgets"] = describe_budgets(view);
    json["audit"] = describe_audit(view);
    json["summary"] = describe_summary(view);
    const EntryId last = view.last_entry();
    json["last_entry"] = {last.ms, last.n};
    return json;
}

class MovedUnderTest : public StateStoreUnderTest {
public:
    ~MovedUnderTest() override {
        if (moved_) return;
        EXPECT_NO_THROW(move());
    }
    StateStore& store() override { return *store_; }
    StateView& view() override { return *view_; }
    void reopen() override {
        if (!moved_) return move();
        view_.reset();
        store_.reset();
        open_moved();
    }

private:
    void move() {
        store_.reset();
        const Json before = describe(*view_);
        view_.reset();
        runtime::SystemClock clock(loop_.executor());
        copy::move_record(file_, database_.server(), clock, [](const copy::MoveProgress&) {});
        moved_ = true;
        open_moved();
        EXPECT_EQ(describe(*view_).dump(1), before.dump(1));
    }
    void open_moved() {
        store_ = postgres::open_state_store(database_.server(), progress_, postgres::Role::member);
        view_ = postgres::open_state_view(database_.server());
    }

    TempDir directory_;
    std::filesystem::path file_ = directory_.path() / "state.db";
    FreshDatabase database_;
    Loop loop_;
    Ignore progress_;
    bool moved_ = false;
    std::unique_ptr<StateStore> store_ = sqlite::open_state_store(file_, progress_);
    std::unique_ptr<StateView> view_ = sqlite::open_state_view(file_);
};

std::unique_ptr<StateStoreUnderTest> make_moved() {
    return std::make_unique<MovedUnderTest>();
}

INSTANTIATE_TEST_SUITE_P(Moved, StateStoreContract, ::testing::Values(make_moved));
INSTANTIATE_TEST_SUITE_P(Moved, ProcessContract, ::testing::Values(make_moved));
INSTANTIATE_TEST_SUITE_P(Moved, NotificationContract, ::testing::Values(make_moved));
INSTANTIATE_TEST_SUITE_P(Moved, AuditContract, ::testing::Values(make_moved));
INSTANTIATE_TEST_SUITE_P(Moved, RetentionContract, ::testing::Values(make_moved));
INSTANTIATE_TEST_SUITE_P(Moved, RestartContract, ::testing::Values(make_moved));

}  // namespace
}  // namespace signwatch::testing
