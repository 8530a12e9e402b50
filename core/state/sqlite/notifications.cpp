#include "core/state/sqlite/notifications.hpp"

#include <algorithm>
#include <utility>

#include "core/state/sqlite/accounts.hpp"

namespace signwatch::sqlite {
namespace {

// Adds the account's due ones to `taken` while there is room for their bodies; one always has room.
void take_of(Database& database,
             const std::string& account,
             const TakeNotifications& take,
             std::size_t& bytes,
             std::vector<QueuedNotification>& taken) {
    Rows rows = database.query(
        "SELECT n.id, n.dedup_key, n.received_at, n.attempts, LENGTH(b.body), b.body FROM account a"
        " JOIN notification n ON n.account_id = a.id JOIN notification_body b ON b.notification_id = n.id"
        " WHERE a.name = ?1 AND n.due_at IS NOT NULL AND n.due_at <= ?2 ORDER BY n.due_at, n.id LIMIT ?3",
        account,
        take.now,
        take.limit);
    while (rows.next()) {
        const auto size = static_cast<std::size_t>(rows.integer(4));
        if (!taken.empty() && bytes + size > take.max_bytes) return;
        bytes += size;
        QueuedNotification& each = taken.emplace_back();
        each.id = rows.integer(0);
        each.notification = {account, rows.text(1), rows.text(5), rows.time(2)};
        each.attempts = rows.small(3) + 1;
    }
}

}  // namespace

bool queue_notification(Database& database, const Notification& notification) {
    const AccountId account = ensure_account(database, notification.account);
    const auto queued = database.execute(
        "INSERT INTO notification (account_id, dedup_key, received_at, due_at) VALUES (?1, ?2, ?3, 0)"
        " ON CONFLICT (account_id, dedup_key) DO NOTHING",
        account,
        notification.dedup_key,
        notification.received_at);
    if (queued == 0) return false;
    database.execute("INSERT INTO notification_body VALUES (?1, ?2)", database.last_id(), Blob{notification.body});
    return true;
}

std::vector<QueuedNotification> take_notifications(Database& database, const TakeNotifications& take) {
    std::vector<QueuedNotification> taken;
    std::size_t bytes = 0;
    for (const std::string& account : take.accounts)
        take_of(database, account, take, bytes, taken);
    for (const QueuedNotification& each : taken) {
        database.execute(
            "UPDATE notification SET due_at = ?2, attempts = attempts + 1 WHERE id = ?1", each.id, take.lease_until);
    }
    return taken;
}

void finish_notification(Database& database, NotificationId id) {
    database.execute("UPDATE notification SET due_at = NULL WHERE id = ?1", id);
    database.execute("DELETE FROM notification_body WHERE notification_id = ?1", id);
}

void set_notification_aside(Database& database, NotificationId id, const std::string& code) {
    database.execute(
        "UPDATE notification SET due_at = NULL, set_aside = ?2 WHERE id = ?1 AND due_at IS NOT NULL", id, code);
}

Pruned prune_notifications(Database& database, const std::vector<std::string>& accounts, WallTime before) {
    std::vector<NotificationId> old;
    {
        Rows rows = database.query(
            "SELECT n.id, n.received_at, n.due_at, a.name FROM notification n JOIN account a ON a.id = n.account_id"
            " ORDER BY n.id");
        while (old.size() < state::prune_step && rows.next() && rows.time(1) < before) {
            const bool queued = !rows.null(2);
            const bool served = std::find(accounts.begin(), accounts.end(), rows.text(3)) != accounts.end();
            if (!queued || !served) old.push_back(rows.integer(0));
        }
    }
    for (const NotificationId id : old) {
        database.execute("DELETE FROM notification_body WHERE notification_id = ?1", id);
        database.execute("DELETE FROM notification WHERE id = ?1", id);
    }
    return {old.size(), old.size() == state::prune_step};
}

}  // namespace signwatch::sqlite
