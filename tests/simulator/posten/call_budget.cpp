#include "tests/simulator/posten/call_budget.hpp"

namespace signwatch::simulator {
namespace {

constexpr std::size_t calls_per_second = 10;

}  // namespace

CallBudget::Account& CallBudget::account_of(std::string_view organisation) {
    auto found = accounts_.find(organisation);
    if (found == accounts_.end()) found = accounts_.emplace(std::string{organisation}, Account{}).first;
    return found->second;
}

bool CallBudget::admit(std::string_view organisation, const Moment& now) {
    Account& account = account_of(organisation);
    if (rules_.limits && rules_.call_budget && now.virtual_time < account.blocked_until) {
        if (account.by_fault)
            referee_->count(Tally::calls_blocked_by_fault);
        else
            referee_->record(Violation::rate_exceeded, now, organisation, "call while blocked");
        return false;
    }
    while (!account.calls.empty() && account.calls.front() + std::chrono::seconds{1} <= now.wall)
        account.calls.pop_front();
    account.calls.push_back(now.wall);
    referee_->raise(Tally::max_calls_in_one_second, account.calls.size());
    if (!rules_.limits || !rules_.call_budget || account.calls.size() <= calls_per_second) return true;
    account.blocked_until = now.virtual_time + rules_.block;
    account.by_fault = false;
    referee_->record(Violation::rate_exceeded, now, organisation, "more than 10 calls within a second");
    return false;
}

void CallBudget::block_by_fault(std::string_view organisation, const Moment& now) {
    Account& account = account_of(organisation);
    account.blocked_until = now.virtual_time + rules_.block;
    account.by_fault = true;
}

}  // namespace signwatch::simulator
