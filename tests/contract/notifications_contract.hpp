#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/contract/processes_contract.hpp"

namespace signwatch::testing {

/// What every StateStore must do with notifications, hints, sweeps and repeat gaps. Instantiate beside ProcessContract.
class NotificationContract : public ProcessContract {
protected:
    bool enqueue(const std::string& key, const std::string& body, WallTime now, const std::string& account = "acme") {
        Notification notification;
        notification.account = account;
        notification.dedup_key = key;
        notification.body = body;
        notification.received_at = now;
        return wait(store().queue_notification(std::move(notification)));
    }
    std::vector<QueuedNotification> take(WallTime now, std::size_t limit = 100, std::size_t max_bytes = 1 << 20) {
        TakeNotifications request;
        request.accounts = {"acme", "globex"};
        request.limit = limit;
        request.max_bytes = max_bytes;
        request.now = now;
        request.lease_until = now + std::chrono::seconds{60};
        return wait(store().take_notifications(std::move(request)));
    }
    std::vector<std::string> take_bodies(WallTime now, std::size_t limit = 100, std::size_t max_bytes = 1 << 20) {
        std::vector<std::string> bodies;
        for (const QueuedNotification& each : take(now, limit, max_bytes))
            bodies.push_back(each.notification.body);
        return bodies;
    }
    static ProcessHint hint_about(const std::string& process, const std::string& token = "") {
        ProcessHint hint;
        hint.process_id = process;
        hint.token = token;
        return hint;
    }
    HintCounts hint(std::vector<ProcessHint> hints, WallTime now, std::vector<NotificationId> finished = {}) {
        HintProcesses request;
        request.account = "acme";
        request.provider = ProviderKind::signhub;
        request.hints = std::move(hints);
        request.finished = std::move(finished);
        request.schedule_now = request.now = now;
        return wait(store().hint_processes(std::move(request)));
    }
    /// Claims where the same process must not be looked at twice within the gap.
    std::vector<Watch> claim_with_gap(WallTime now,
                                      milliseconds gap,
                                      milliseconds unanswered = std::chrono::minutes{20}) {
        ClaimWatches request;
        request.now = now;
        request.accounts = {{"acme", unanswered, 100, 100, gap}};
        return wait(store().claim_due_watches(std::move(request)));
    }
};

}  // namespace signwatch::testing
