#include "core/state/postgres/notifications.hpp"

#include "core/state/postgres/accounts.hpp"

namespace signwatch::postgres {
namespace {

// Adds the account's due ones to `taken` while there is room for their bodies; one always has room. What another
// replica is just taking is passed over.
void take_of(Database& database,
             const std::string& account,
             const TakeNotifications& take,
             std::size_t& bytes,
             std::vector<QueuedNotification>& taken) {
    Rows rows = database.query(
        "SELECT n.id, n.dedup_key, n.received_at, n.attempts, length(b.body), b.body FROM account a"
        " JOIN notification n ON n.account_id = a.id JOIN notification_body b ON b.notification_id = n.id"
        " WHERE a.name = $1 AND n.due_at <= $2 ORDER BY n.due_at, n.id LIMIT $3 FOR NO KEY UPDATE OF n SKIP LOCKED",
        account,
        take.now,
        take.limit);
    while (rows.next()) {
        const auto size = static_cast<std::size_t>(rows.integer(4));
        if (!taken.empty() && bytes + size > take.max_bytes) return;
        bytes += size;
        QueuedNotification& each = taken.emplace_back();
        each.id = rows.integer(0);
        each.notification = {account, rows.text(1), rows.bytes(5), rows.time(2)};
        each.attempts = rows.small(3) + 1;
    }
}

}  // namespace

bool queue_notification(Database& database, const Notification& notification) {
    const AccountId account = ensure_account(database, notification.account);
    const std::int64_t queued = database.execute(
        "WITH queued AS (INSERT INTO notification (account_id, dedup_key, received_at, due_at) VALUES ($1, $2, $3, 0)"
        " ON CONFLICT (account_id, dedup_key) DO NOTHING RETURNING id)"
        " INSERT INTO notification_body SELECT id, $4 FROM queued",
        account,
        notification.dedup_key,
        notification.received_at,
        Blob{notification.body});
    return queued > 0;
}

std::vector<QueuedNotification> take_notifications(Database& database, const TakeNotifications& take) {
    std::vector<QueuedNotification> taken;
    std::size_t bytes = 0;
    for (const std::string& account : take.accounts)
        take_of(database, account, take, bytes, taken);
    std::vector<std::int64_t> ids;
    for (const QueuedNotification& each : taken)
        ids.push_back(each.id);
    database.execute("UPDATE notification SET due_at = $2, attempts = attempts + 1 WHERE id = ANY($1::bigint[])",
                     ids,
                     take.lease_until);
    return taken;
}

void finish_notification(Database& database, NotificationId id) {
    database.execute("UPDATE notification SET due_at = NULL WHERE id = $1", id);
    database.execute("DELETE FROM notification_body WHERE notification_id = $1", id);
}

void set_notification_aside(Database& database, NotificationId id, const std::string& code) {
    database.execute(
        "UPDATE notification SET due_at = NULL, set_aside = $2 WHERE id = $1 AND due_at IS NOT NULL", id, code);
}

Pruned prune_notifications(Database& database, const std::vector<std::string>& accounts, WallTime before) {
    std::vector<std::int64_t> old;
    Rows rows = database.query(
        "SELECT n.id FROM notification n JOIN account a ON a.id = n.account_id WHERE n.received_at < $1"
        " AND (n.due_at IS NULL OR a.name <> ALL($2::text[])) ORDER BY n.id LIMIT $3",
        before,
        accounts,
        state::prune_step);
    while (rows.next())
        old.push_back(rows.integer(0));
    database.execute("DELETE FROM notification_body WHERE notification_id = ANY($1::bigint[])", old);
    database.execute("DELETE FROM notification WHERE id = ANY($1::bigint[])", old);
    return {old.size(), old.size() == state::prune_step};
}

}  // namespace signwatch::postgres
