#pragma once

#include <string>
#include <vector>

#include "core/ports/notification_queue.hpp"
#include "core/state/postgres/housekeeping.hpp"

/// Notifications of webhooks, from their arrival until they are understood.
namespace signwatch::postgres {

bool queue_notification(Database& database, const Notification& notification);
std::vector<QueuedNotification> take_notifications(Database& database, const TakeNotifications& take);
void finish_notification(Database& database, NotificationId id);
void set_notification_aside(Database& database, NotificationId id, const std::string& code);
/// One step of StateStore::prune_notifications.
Pruned prune_notifications(Database& database, const std::vector<std::string>& accounts, WallTime before);

}  // namespace signwatch::postgres
