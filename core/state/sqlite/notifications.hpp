#pragma once

#include <string>
#include <vector>

#include "core/ports/notification_queue.hpp"
#include "core/state/sqlite/database.hpp"
#include "core/state/sqlite/housekeeping.hpp"

/// The bodies that webhooks brought, until they are read.
namespace signwatch::sqlite {

bool queue_notification(Database& database, const Notification& notification);
std::vector<QueuedNotification> take_notifications(Database& database, const TakeNotifications& take);
void finish_notification(Database& database, NotificationId id);
void set_notification_aside(Database& database, NotificationId id, const std::string& code);

/// One step of StateStore::prune_notifications.
Pruned prune_notifications(Database& database, const std::vector<std::string>& accounts, WallTime before);

}  // namespace signwatch::sqlite
