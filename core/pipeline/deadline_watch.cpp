#include "core/pipeline/deadline_watch.hpp"

#include <algorithm>
#include <utility>

namespace signwatch::pipeline {
namespace {

constexpr std::size_t batch = 64;

// Another process may register one at any time.
constexpr milliseconds longest_nap = std::chrono::seconds{2};

StatusUpdate expiry_of(const PassedDeadline& passed) {
    StatusUpdate update;
    update.provider = passed.provider;
    update.account = passed.account;
    update.process_id = passed.process_id;
    update.state = ProcessState::expired;
    update.provider_status = passed.provider_status;
    update.reason = Reason{"local-deadline", ""};
    update.changed_at = passed.deadline;
    update.participants = passed.participants;
    update.fingerprint = "local-deadline/" + std::to_string(to_unix_ms(passed.deadline));
    return update;
}

}  // namespace

DeadlineWatch::DeadlineWatch(LineParts parts, Accounts& accounts, UpdateProcessor& processor, runtime::TaskGroup& tasks)
    : parts_(std::move(parts)),
      accounts_(accounts),
      processor_(processor),
      tasks_(tasks),
      loop_("deadlines", parts_.clock, parts_.observer) {}

Task<void> DeadlineWatch::run() {
    std::function<Task<WallTime>()> round = [this] { return report_passed(); };
    co_await loop_.run(std::move(round));
}

Task<WallTime> DeadlineWatch::report_passed() {
    const std::vector<std::string> names = names_of(accounts_);
    const WallTime civil = parts_.clock.now();
    std::vector<PassedDeadline> passed = co_await parts_.state.passed_deadlines(names, civil, batch);
    const bool full = passed.size() == batch;
    for (PassedDeadline& each : passed)
        co_await report(std::move(each));
    if (full) co_return parts_.clock.schedule_now();

    milliseconds nap = longest_nap;
    const std::optional<WallTime> next = co_await parts_.state.next_deadline(names);
    if (next) nap = std::clamp(*next - parts_.clock.now(), milliseconds{1}, longest_nap);
    co_return parts_.clock.schedule_now() + nap;
}

// Recorded first: after a crash in between it is found again under the same fingerprint.
Task<void> DeadlineWatch::report(PassedDeadline passed) {
    Account& account = *accounts_.at(passed.account);
    StatusUpdate update = expiry_of(passed);
    std::optional<PendingUpdate> pending = co_await processor_.record(std::move(update));
    co_await parts_.state.end_deadline(passed.row);
    if (!pending) co_return;
    co_await account.enter_flight();
    InFlight flight(account);
    tasks_.spawn("deadline " + passed.account, processor_.follow(account, std::move(*pending), std::move(flight)));
}

}  // namespace signwatch::pipeline
