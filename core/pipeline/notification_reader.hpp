#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/pipeline/hint_desk.hpp"
#include "core/pipeline/round_loop.hpp"
#include "core/pipeline/scheduler.hpp"

namespace signwatch::pipeline {

/// Reads what webhooks brought and makes hints of it, a bounded piece at a time, for every account in turn. What nobody
/// can understand, and what ended the daemon again and again, is put aside. Notifications of accounts that are not
/// configured (any more) stay queued. Event-loop thread.
class NotificationReader {
public:
    /// All parts outlive the reader. `on_hurried`: a watch may be due now.
    NotificationReader(LineParts parts, Accounts& accounts, std::function<void()> on_hurried);

    /// Runs until stop().
    Task<void> run();
    void stop() { loop_.stop(); }

    /// Something was queued.
    void wake() { loop_.wake(); }
    WallTime last_round() const { return loop_.last_round(); }

private:
    Task<WallTime> read_some();
    Task<void> read_of(Account& account, std::vector<QueuedNotification> queued);
    Task<void> put_aside(const QueuedNotification& notification, std::string code);
    std::vector<std::string> names_in_turn();

    LineParts parts_;
    Accounts& accounts_;
    HintDesk desk_;
    RoundLoop loop_;
    std::size_t turn_ = 0;  ///< which account is first
};

/// The way into the store's queue that the public listener uses: wakes the reader.
class WakingInbox : public NotificationInbox {
public:
    /// `on_queued`: there is something to read.
    WakingInbox(NotificationInbox& store, Progress& progress, std::function<void()> on_queued)
        : store_(store), progress_(progress), on_queued_(std::move(on_queued)) {}

    Task<bool> queue_notification(Notification notification) override;

private:
    NotificationInbox& store_;
    Progress& progress_;
    std::function<void()> on_queued_;
};

}  // namespace signwatch::pipeline
