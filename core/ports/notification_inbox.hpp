#pragma once

#include <string>

#include "core/domain/time.hpp"
#include "core/ports/task.hpp"

namespace signwatch {

/// What a provider's webhook brought, genuine as far as the provider lets us know, and as it came.
struct Notification {
    std::string account;
    std::string dedup_key;  ///< which of the account's notifications this is; at most 128 bytes
    std::string body;
    WallTime received_at;  ///< civil time
};

/// Takes notifications before the provider is told that we have them. Part of every StateStore; same errors, same
/// thread.
class NotificationInbox {
public:
    virtual ~NotificationInbox() = default;

    /// Durable when it returns. False: one with this key was queued for the account before, and nothing was done.
    virtual Task<bool> queue_notification(Notification notification) = 0;
};

}  // namespace signwatch
