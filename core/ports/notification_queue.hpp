#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/domain/hint.hpp"
#include "core/domain/process.hpp"
#include "core/domain/watch.hpp"
#include "core/ports/notification_inbox.hpp"
#include "core/ports/task.hpp"

namespace signwatch {

using NotificationId = std::int64_t;

/// Takes queued notifications of these accounts, the oldest of each first; up to `limit` of each, and of all together
/// no more than `max_bytes` of bodies, but always one. Accounts named first have their turn first.
struct TakeNotifications {
    std::vector<std::string> accounts;
    std::size_t limit = 100;
    std::size_t max_bytes = 8 << 20;
    WallTime now;          ///< schedule timeline, as the next
    WallTime lease_until;  ///< none of those taken is given again before this
};

struct QueuedNotification {
    NotificationId id = 0;
    Notification notification;
    int attempts = 1;  ///< how often it was taken, this time included: counted before the work
};

/// Hints about processes of one account, and the notifications they were read from.
struct HintProcesses {
    std::string account;
    ProviderKind provider = ProviderKind::posten;
    std::vector<ProcessHint> hints;
    std::vector<NotificationId> finished;  ///< done with in the same transaction; their bodies are removed
    Via via = Via::webhook;
    /// Processes that nobody has named are looked at from now on. Their correlation id is the hint's reference (without
    /// one, the process id) until a caller names another.
    bool adopts = false;
    WallTime regular_from;  ///< when those are looked at in their turn; their first look is the hint's
    WallTime schedule_now;
    WallTime now;  ///< civil time
};

/// Notifications on their way to hints, and hints on their way to looks. Part of every StateStore; same errors, same
/// thread.
class NotificationQueue {
public:
    virtual ~NotificationQueue() = default;

    virtual Task<std::vector<QueuedNotification>> take_notifications(TakeNotifications take) = 0;

    /// A process that is looked at gets an extra look now, unless the hint's token is the last one it was given. A hint
    /// that comes during a look makes another one due when that ends. Paused, parked, removed and ended processes are
    /// left alone; but an ended one gets that look if the hint says that it was restarted. What a webhook hints at and
    /// nobody has registered is remembered for a day (the newest ten thousand of each account): see
    /// StateStore::register_processes.
    virtual Task<HintCounts> hint_processes(HintProcesses request) = 0;

    /// Nobody will ever understand it: it is kept for people, and not given again.
    virtual Task<void> set_notification_aside(NotificationId id, std::string code) = 0;

    /// Forgets notifications received before `before`: the keys of finished ones, those set aside, and what is queued
    /// for accounts other than these. Returns how many.
    virtual Task<std::size_t> prune_notifications(std::vector<std::string> accounts, WallTime before) = 0;
};

}  // namespace signwatch
