#include "core/state/sqlite/accounts.hpp"

namespace signwatch::sqlite {

std::optional<AccountId> find_account(Database& database, const std::string& name) {
    Rows rows = database.query("SELECT id FROM account WHERE name = ?1", name);
    if (!rows.next()) return std::nullopt;
    return rows.integer(0);
}

AccountId ensure_account(Database& database, const std::string& name) {
    if (const auto known = find_account(database, name)) return *known;
    database.execute("INSERT INTO account (name) VALUES (?1)", name);
    return database.last_id();
}

}  // namespace signwatch::sqlite
