#include "core/pipeline/shared_budget.hpp"

#include <algorithm>

#include "core/pipeline/call_ledger.hpp"

namespace signwatch::pipeline {
namespace {

constexpr milliseconds minute = std::chrono::minutes{1};

void count(std::vector<CallCount>& counts, CallSpan span, WallTime slot) {
    const std::int64_t ms = to_unix_ms(slot);
    const WallTime begin = from_unix_ms(ms - ms % length_of(span).count());
    const auto known = std::find_if(
        counts.begin(), counts.end(), [&](const CallCount& each) { return each.span == span && each.begin == begin; });
    if (known == counts.end())
        counts.push_back({span, begin, 1});
    else
        ++known->calls;
}

void note(SharedCalls& calls, const CallTerms& terms, WallTime slot) {
    calls.next_call = slot + terms.gap;
    if (terms.look) calls.last_look = slot;
    if (CallLedger(terms.limits).unlimited()) return;
    for (const CallSpan span : {CallSpan::minute, CallSpan::hour, CallSpan::day})
        count(calls.counts, span, slot);
    if (terms.limits.per_minute == 0) return;
    std::erase_if(calls.recent, [slot](WallTime each) { return each <= slot - minute; });
    calls.recent.push_back(slot);
}

}  // namespace

CallVerdict judge_call(SharedCalls& calls, const CallTerms& terms, WallTime now) {
    calls.held_until = std::max(calls.held_until, terms.held_until);
    const WallTime slot = std::max(now, calls.next_call);
    CallLedger ledger(terms.limits);
    ledger.load(calls.counts, slot);
    ledger.recall(calls.recent);
    milliseconds wait = std::max(calls.held_until - now, ledger.wait(slot, terms.reserve));
    if (terms.look && terms.look_gap > milliseconds{0}) wait = std::max(wait, calls.last_look + terms.look_gap - now);
    if (wait > milliseconds{0}) return {std::nullopt, wait};
    note(calls, terms, slot);
    return {slot, milliseconds{0}};
}

}  // namespace signwatch::pipeline
