#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/domain/hint.hpp"
#include "core/domain/time.hpp"

/// What webhooks hinted at before anybody had registered it: then its first look is due at once. Kept for a day, and no
/// more than the newest ten thousand of an account, so that strangers' processes and floods take no room. `Database` is
/// the store's own connection.
namespace signwatch::state {

constexpr milliseconds early_hint_kept = std::chrono::hours{24};
constexpr std::int64_t most_early_hints = 10'000;

template <typename Database>
void keep_early_hint(Database& database, std::int64_t account, const ProcessHint& hint, WallTime now) {
    database.execute(
        "INSERT INTO early_hint AS e (account_id, process_id, came_at, said_ended) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (account_id, process_id) DO UPDATE SET came_at = excluded.came_at,"
        " said_ended = e.said_ended OR excluded.said_ended",
        account,
        hint.process_id,
        now,
        hint.ended);
}

/// Those that are too old or too many; once after keeping some.
template <typename Database>
void forget_early_hints(Database& database, std::int64_t account, WallTime now) {
    database.execute(
        "DELETE FROM early_hint WHERE account_id = $1 AND (came_at <= $2 OR (came_at, process_id) <= (SELECT"
        " came_at, process_id FROM early_hint WHERE account_id = $1 ORDER BY came_at DESC, process_id DESC"
        " LIMIT 1 OFFSET $3))",
        account,
        now - early_hint_kept,
        most_early_hints);
}

struct EarlyHint {
    bool said_ended = false;
};

/// Forgets it, too; nullopt if there is none.
template <typename Database>
std::optional<EarlyHint> take_early_hint(Database& database,
                                         std::int64_t account,
                                         const std::string& process_id,
                                         WallTime now) {
    auto rows =
        database.query("DELETE FROM early_hint WHERE account_id = $1 AND process_id = $2 RETURNING came_at, said_ended",
                       account,
                       process_id);
    if (!rows.next() || rows.time(0) <= now - early_hint_kept) return std::nullopt;
    return EarlyHint{rows.truth(1)};
}

}  // namespace signwatch::state
