#pragma once

#include <algorithm>
#include <string>

#include "core/pipeline/call_ledger.hpp"
#include "core/pipeline/shared_budget.hpp"
#include "core/ports/call_journal.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/observer.hpp"

namespace signwatch::pipeline {

enum class CallPurpose {
    look,   ///< asks whether something changed; spread over the month, and leaves the reserve alone
    hint,   ///< a look that somebody asked for: not spread, but leaves the reserve alone, and some looks
    fetch,  ///< brings an ended process home, or tells the provider so; may use the reserve
};

/// What one set of credentials may call. Spaces calls evenly within a second (docs/decisions/0003), keeps them within
/// the minute, hour, day and month durably (a call is counted in the store before it is made), and stretches the looks
/// over the month when it cannot pay for all of them. First come, first served. Outlives reloads. Event-loop thread.
class CallBudget {
public:
    CallBudget(std::string key, Clock& clock, CallJournal& journal, const AccountTerms& terms);

    /// For a reload: from the next call on.
    void adopt(const AccountTerms& terms);

    /// Reads what was called before this start, once. Before the first take.
    Task<void> load();

    /// Looks at what other daemons have called meanwhile. Nothing to do where there are none.
    Task<void> refresh();

    /// Returns when the call may be made. Error(throttled, "budget_spent") if that is more than half a minute away.
    Task<void> take(CallPurpose purpose);

    /// The provider has blocked us: no call before this long has passed, by no daemon.
    Task<void> hold_for(milliseconds delay);

    /// How many processes are looked at with this budget: each may need a fetch, and shares the looks.
    void set_watches(std::size_t watches) { watches_ = static_cast<int>(std::min<std::size_t>(watches, 100'000'000)); }

    /// Somebody tells us which processes have ended: then the month is for fetching them, and looks are what can be
    /// spared.
    void expect_hints(bool expected) { hints_expected_ = expected; }

    /// The interval that the budget can pay for, as things stand.
    milliseconds affordable(milliseconds interval) const;

    /// How long a process waits for its next look: what is affordable, but no more than four intervals. Then it has its
    /// place in the queue for the looks that there are, and they may be more by then.
    milliseconds wait_for(milliseconds interval) const;

    /// How many of `places` looks may begin together: one, while they are spread over the month.
    std::size_t at_once(std::size_t places) const;

    /// How long until a call of this purpose may be made; 0: now.
    milliseconds closed(CallPurpose purpose) const;

    BudgetState state() const;

private:
    int reserve() const;
    int kept_from(CallPurpose purpose) const;
    milliseconds month_round() const;
    milliseconds look_gap() const;
    Task<void> count();
    Task<void> take_alone(CallPurpose purpose);
    Task<void> take_with_others(CallPurpose purpose, SharedBudgets& shared);
    Task<SharedCalls> decide(SharedBudgets& shared, CallJudge judge);
    CallTerms terms_of(CallPurpose purpose) const;
    bool is_missed(const CallVerdict& verdict, milliseconds took);

    std::string key_;
    Clock& clock_;
    CallJournal& journal_;
    CallLedger ledger_;
    milliseconds gap_{};
    milliseconds interval_{};
    WallTime next_{};
    WallTime last_look_{};
    WallTime held_until_{};
    milliseconds lead_{};  ///< how far ahead of its answer a shared slot is asked for
    int watches_ = 0;
    bool hints_expected_ = false;
    bool loaded_ = false;
};

}  // namespace signwatch::pipeline
