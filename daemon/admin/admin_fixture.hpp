#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>

#include "core/domain/error.hpp"
#include "core/ports/progress.hpp"
#include "core/runtime/system_clock.hpp"
#include "core/state/sqlite/sqlite_state_store.hpp"
#include "daemon/admin/admin_routes.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::admin::testing {

struct FakeAccount : AccountSettings {
    AccountTerms account_terms;

    const AccountTerms& terms() const override { return account_terms; }
    std::vector<WatchKey> standing_watches() const override { return {}; }
    std::string mistake_in(const std::string& id) const override { return id == "bad" ? "no id of a process" : ""; }
    HttpIdentity identity() const override { return {}; }
};

struct IgnoreProgress : Progress {
    void reached(Step /*step*/) noexcept override {}
};

/// Looks into the real record, or fails when told to.
struct SwitchedView : StateView {
    std::unique_ptr<StateView> real;
    const std::optional<Error>& failure;

    SwitchedView(std::unique_ptr<StateView> view, const std::optional<Error>& when)
        : real(std::move(view)), failure(when) {}
    StateView& look() {
        if (failure) throw Error(*failure);
        return *real;
    }
    std::vector<WatchRow> watches(const WatchFilter& filter) override { return look().watches(filter); }
    std::vector<ProcessRow> processes(const ProcessFilter& filter) override { return look().processes(filter); }
    std::optional<ProcessDetail> process(const std::string& account, const std::string& process_id) override {
        return look().process(account, process_id);
    }
    std::vector<DocumentRow> documents(const std::string& account, const std::string& id, std::size_t limit) override {
        return look().documents(account, id, limit);
    }
    std::vector<BudgetRow> budgets() override { return look().budgets(); }
    std::vector<EventRow> events(EntryId after, std::size_t limit) override { return look().events(after, limit); }
    EntryId last_entry() override { return look().last_entry(); }
    StoreSummary summary() override { return look().summary(); }
    std::vector<DocumentClaim> document_claims(const std::string& hash, std::int64_t row, std::size_t limit) override {
        return look().document_claims(hash, row, limit);
    }
    bool claims_document(const std::string& hash) override { return look().claims_document(hash); }
    AuditPage<FaultyUpdate> faulty_updates(UpdateId after, std::size_t span, WallTime before) override {
        return look().faulty_updates(after, span, before);
    }
    AuditPage<PlacedWatch> unscheduled_watches(WatchId after, std::size_t span) override {
        return look().unscheduled_watches(after, span);
    }
    std::vector<PlacedWatch> scheduled_watches(
        const std::string& account, WallTime due_at, WatchId watch, WallTime before, std::size_t limit) override {
        return look().scheduled_watches(account, due_at, watch, before, limit);
    }
    AuditPage<LostProcess> lost_processes(std::int64_t after, std::size_t span) override {
        return look().lost_processes(after, span);
    }
};

/// A record in SQLite and two accounts: "acme" is looked at process by process, "queued" by its queue. With `failure`
/// set, everything fails so.
struct AdminFixture {
    signwatch::testing::TempDir folder;
    boost::asio::io_context loop{1};
    runtime::SystemClock clock{loop.get_executor()};
    IgnoreProgress progress;
    std::optional<Error> failure;
    std::unique_ptr<StateStore> store = sqlite::open_state_store(folder.path() / "state.db", progress);
    SwitchedView view{sqlite::open_state_view(folder.path() / "state.db"), failure};
    runtime::BlockingPool view_pool{1};
    std::map<std::string, FakeAccount> accounts;
    registry::Registrar registrar{clock, *store, [this](const std::string& name) { return find(name); }};

    AdminFixture() {
        for (const char* name : {"acme", "queued"}) {
            AccountTerms& terms = accounts[name].account_terms;
            terms.account = name;
            terms.provider = ProviderKind::signhub;
            if (name == std::string("acme")) terms.process_interval = std::chrono::hours{24};
            terms.shortest_interval = std::chrono::minutes{1};
        }
    }
    const AccountSettings* find(const std::string& name) const {
        if (failure) throw Error(*failure);
        const auto found = accounts.find(name);
        return found == accounts.end() ? nullptr : &found->second;
    }
    AdminParts parts() { return {clock, registrar, *store, view, view_pool}; }
};

}  // namespace signwatch::admin::testing
