#include "core/pipeline/notification_reader.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "core/ports/webhooks.hpp"

namespace signwatch::pipeline {
namespace {

using std::chrono::seconds;

// One round keeps the event loop busy for a few milliseconds; a single huge body somewhat longer.
constexpr std::size_t batch = 500;
constexpr std::size_t batch_bytes = 1 << 20;

// Longer than reading can take: what a crash interrupted is read again after it.
constexpr milliseconds lease = seconds{30};
constexpr milliseconds longest_nap = seconds{2};
constexpr int most_attempts = 5;

struct Reading {
    std::vector<ProcessHint> hints;
    std::string mistake;  // why nobody will ever understand it
};

Reading read(const Webhooks& webhooks, const QueuedNotification& notification) {
    Reading reading;
    if (notification.attempts > most_attempts) {
        reading.mistake = "notification_deadly";
        return reading;
    }
    try {
        reading.hints = webhooks.read(notification.notification.body);
    } catch (const Error& error) {
        reading.mistake = error.code();
    } catch (const std::exception&) {
        reading.mistake = "internal";
    }
    return reading;
}

// Many notifications about one process are one look.
void merge(std::map<std::string, ProcessHint>& merged, std::vector<ProcessHint> hints) {
    for (ProcessHint& hint : hints) {
        ProcessHint& known = merged[hint.process_id];
        hint.ended = hint.ended || known.ended;
        hint.restarted = hint.restarted || known.restarted;
        if (hint.reference.empty()) hint.reference = std::move(known.reference);
        known = std::move(hint);
    }
}

}  // namespace

NotificationReader::NotificationReader(LineParts parts, Accounts& accounts, std::function<void()> on_hurried)
    : parts_(std::move(parts)),
      accounts_(accounts),
      desk_(parts_, std::move(on_hurried)),
      loop_("notifications", parts_.clock, parts_.observer) {}

Task<void> NotificationReader::run() {
    std::function<Task<WallTime>()> round = [this] { return read_some(); };
    co_await loop_.run(std::move(round));
}

Task<WallTime> NotificationReader::read_some() {
    TakeNotifications take;
    take.accounts = names_in_turn();
    take.limit = batch;
    take.max_bytes = batch_bytes;
    take.now = parts_.clock.schedule_now();
    take.lease_until = take.now + lease;
    const WallTime nap = take.now + longest_nap;
    if (take.accounts.empty()) co_return nap;
    std::vector<QueuedNotification> taken = co_await parts_.state.take_notifications(std::move(take));
    if (taken.empty()) co_return nap;

    std::map<std::string, std::vector<QueuedNotification>> by_account;
    for (QueuedNotification& each : taken)
        by_account[each.notification.account].push_back(std::move(each));
    for (auto& [name, queued] : by_account) {
        Account& account = *accounts_.at(name);
        co_await read_of(account, std::move(queued));
    }
    co_return parts_.clock.schedule_now();
}

Task<void> NotificationReader::read_of(Account& account, std::vector<QueuedNotification> queued) {
    const Webhooks& webhooks = *account.provider().webhooks();
    std::map<std::string, ProcessHint> merged;
    std::vector<NotificationId> finished;
    for (const QueuedNotification& each : queued) {
        Reading reading = read(webhooks, each);
        parts_.progress.reached(Step::notification_read);
        if (!reading.mistake.empty()) {
            co_await put_aside(each, std::move(reading.mistake));
            continue;
        }
        merge(merged, std::move(reading.hints));
        finished.push_back(each.id);
    }
    std::vector<ProcessHint> hints;
    hints.reserve(merged.size());
    for (auto& [process, hint] : merged)
        hints.push_back(std::move(hint));
    co_await desk_.apply(account, std::move(hints), Via::webhook, std::move(finished));
}

Task<void> NotificationReader::put_aside(const QueuedNotification& notification, std::string code) {
    co_await parts_.state.set_notification_aside(notification.id, code);
    parts_.observer.notification_dead(notification.notification.account, code);
}

// Another account is first each time: a flood at one fills its own piece, and nobody else's.
std::vector<std::string> NotificationReader::names_in_turn() {
    std::vector<std::string> names;
    for (const auto& [name, account] : accounts_)
        if (account->provider().webhooks() != nullptr) names.push_back(name);
    if (names.empty()) return names;
    std::rotate(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(turn_++ % names.size()), names.end());
    return names;
}

Task<bool> WakingInbox::queue_notification(Notification notification) {
    const bool queued = co_await store_.queue_notification(std::move(notification));
    progress_.reached(Step::notification_queued);
    if (queued) on_queued_();
    co_return queued;
}

}  // namespace signwatch::pipeline
