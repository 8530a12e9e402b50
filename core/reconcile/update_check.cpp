#include <utility>

#include "core/domain/names.hpp"
#include "core/reconcile/checks.hpp"

namespace signwatch::reconcile {
namespace {

constexpr std::size_t span = 2'000;

// Longer than any lease: what is overdue by this is with nobody.
constexpr milliseconds patience = std::chrono::hours{1};

Kind kind_of(UpdateFault fault) {
    switch (fault) {
        case UpdateFault::documents_lacking:
        case UpdateFault::documents_none:
            return Kind::document_lacking;
        case UpdateFault::stopped:
            return Kind::update_stopped;
        case UpdateFault::overdue:
            break;
    }
    return Kind::update_overdue;
}

std::string describe(const FaultyUpdate& update) {
    return "update " + std::to_string(update.id) + ", stage " + std::string(signwatch::name_of(update.stage));
}

bool is_expected(const Run& run, const FaultyUpdate& update) {
    if (update.fault != UpdateFault::documents_none) return false;
    const AccountTerms* const terms = run.terms_of(update.account);
    return terms == nullptr || !terms->completed_has_documents;
}

Task<Remedy> mend(Run& run, const FaultyUpdate& update, std::string& detail) {
    if (kind_of(update.fault) == Kind::document_lacking) {
        FetchAgain lost{update.account, update.id, update.stage, update.acknowledgement};
        co_return co_await fetch_again(run, std::move(lost), detail);
    }
    if (run.terms_of(update.account) == nullptr) {
        detail += "; the account is not configured";
        co_return Remedy::impossible;
    }
    const bool resumed = co_await run.parts.state->resume_update(update.id, run.parts.clock.schedule_now());
    co_return resumed ? Remedy::ordered : Remedy::done;
}

Task<void> report(Run& run, FaultyUpdate update) {
    Divergence divergence{kind_of(update.fault), update.account, update.process_id, describe(update), Remedy::none};
    if (run.repairs()) divergence.remedy = co_await mend(run, update, divergence.detail);
    run.report.add(std::move(divergence));
}

}  // namespace

Task<Remedy> fetch_again(Run& run, FetchAgain lost, std::string& detail) {
    const AccountTerms* const terms = run.terms_of(lost.account);
    const bool acknowledged = lost.acknowledgement == "done" || lost.acknowledgement == "assumed";
    std::string obstacle;
    if (lost.update != 0 && lost.stage == Stage::received) co_return Remedy::ordered;
    if (lost.update == 0)
        obstacle = "nothing is known any more of where it came from: restore it from a backup";
    else if (lost.stage == Stage::parked)
        obstacle = "its update is parked: signwatch process retry";
    else if (terms == nullptr)
        obstacle = "the account is not configured";
    else if (terms->documents_again == DocumentsAgain::never)
        obstacle = "the provider gives a document only once";
    else if (terms->documents_again == DocumentsAgain::until_acknowledged && acknowledged)
        obstacle = "the provider deleted it when it was acknowledged: restore it from a backup";
    if (!obstacle.empty()) {
        detail += "; " + obstacle;
        co_return Remedy::impossible;
    }
    const bool whole = terms->documents_again == DocumentsAgain::as_a_whole;
    co_await run.parts.state->fetch_again(lost.update, whole, run.parts.clock.schedule_now());
    co_return Remedy::ordered;
}

Task<void> check_updates(Run& run) {
    StateView& view = run.parts.view;
    const WallTime now = run.parts.clock.schedule_now();
    const WallTime overdue_before = run.order.daemon_runs ? now - patience : WallTime::min();
    AuditPage<FaultyUpdate> page;
    while (!page.last && !run.stopped()) {
        auto look = [&view, after = page.next, overdue_before] {
            return view.faulty_updates(after, span, overdue_before);
        };
        page = co_await runtime::offload(run.parts.view_pool, look);
        run.report.updates += span;
        for (FaultyUpdate& update : page.rows) {
            const bool expected = is_expected(run, update);
            if (!expected) co_await report(run, std::move(update));
        }
    }
}

}  // namespace signwatch::reconcile
