#include "core/pipeline/recovery.hpp"

#include <algorithm>
#include <utility>

namespace signwatch::pipeline {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::size_t batch = 32;

// Longer than any line can take: a row is not taken up twice while its line runs.
constexpr milliseconds lease = minutes{15};

// Another process (signwatch process retry) may make a row due at any time.
constexpr milliseconds longest_nap = seconds{2};

}  // namespace

Recovery::Recovery(LineParts parts, Accounts& accounts, UpdateProcessor& processor, runtime::TaskGroup& tasks)
    : parts_(std::move(parts)),
      accounts_(accounts),
      processor_(processor),
      tasks_(tasks),
      loop_("recovery", parts_.clock, parts_.observer) {}

Task<void> Recovery::prepare() {
    std::map<milliseconds, std::vector<std::string>> by_gap;
    for (const auto& [name, account] : accounts_)
        by_gap[account->terms().repeat_gap].push_back(name);
    for (auto& [gap, names] : by_gap)
        co_await parts_.state.resume_unfinished(std::move(names), parts_.clock.schedule_now(), gap);
}

Task<void> Recovery::run() {
    std::function<Task<WallTime>()> round = [this] { return claim_and_start(); };
    co_await loop_.run(std::move(round));
}

Task<WallTime> Recovery::claim_and_start() {
    const WallTime now = parts_.clock.schedule_now();
    const std::vector<std::string> names = names_of(accounts_);
    std::vector<PendingUpdate> due = co_await parts_.state.claim_unfinished(names, now, now + lease, batch);
    const bool full = due.size() == batch;
    for (PendingUpdate& pending : due) {
        Account& account = *accounts_.at(pending.update.account);
        co_await account.enter_flight();
        InFlight flight(account);
        tasks_.spawn("line " + pending.update.account,
                     processor_.resume(account, std::move(pending), std::move(flight)));
    }
    if (full) co_return parts_.clock.schedule_now();
    const WallTime nap = parts_.clock.schedule_now() + longest_nap;
    const std::optional<WallTime> next = co_await parts_.state.next_unfinished(names);
    co_return std::min(nap, next.value_or(nap));
}

}  // namespace signwatch::pipeline
