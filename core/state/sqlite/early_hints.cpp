#include "core/state/sqlite/early_hints.hpp"

namespace signwatch::sqlite {
namespace {

constexpr milliseconds kept = std::chrono::hours{24};
constexpr std::int64_t most = 10'000;

}  // namespace

void keep_early_hint(Database& database, AccountId account, const ProcessHint& hint, WallTime now) {
    database.execute(
        "INSERT INTO early_hint AS e (account_id, process_id, came_at, said_ended) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (account_id, process_id) DO UPDATE SET came_at = excluded.came_at,"
        " said_ended = MAX(e.said_ended, excluded.said_ended)",
        account,
        hint.process_id,
        now,
        hint.ended);
}

void forget_early_hints(Database& database, AccountId account, WallTime now) {
    database.execute(
        "DELETE FROM early_hint WHERE account_id = ?1 AND (came_at <= ?2 OR (came_at, process_id) <= (SELECT"
        " came_at, process_id FROM early_hint WHERE account_id = ?1 ORDER BY came_at DESC, process_id DESC"
        " LIMIT 1 OFFSET ?3))",
        account,
        now - kept,
        most);
}

std::optional<EarlyHint> take_early_hint(Database& database,
                                         AccountId account,
                                         const std::string& process_id,
                                         WallTime now) {
    Rows rows =
        database.query("DELETE FROM early_hint WHERE account_id = ?1 AND process_id = ?2 RETURNING came_at, said_ended",
                       account,
                       process_id);
    if (!rows.next() || rows.time(0) <= now - kept) return std::nullopt;
    return EarlyHint{rows.small(1) != 0};
}

}  // namespace signwatch::sqlite
