#include "core/state/postgres/accounts.hpp"

#include "core/domain/error.hpp"

namespace signwatch::postgres {

std::optional<AccountId> find_account(Database& database, const std::string& name) {
    const auto known = database.accounts().find(name);
    if (known != database.accounts().end()) return known->second;
    Rows rows = database.query("SELECT id FROM account WHERE name = $1", name);
    if (!rows.next()) return std::nullopt;
    database.accounts().emplace(name, rows.integer(0));
    return rows.integer(0);
}

AccountId ensure_account(Database& database, const std::string& name) {
    if (const auto known = find_account(database, name)) return *known;
    database.execute("INSERT INTO account (name) VALUES ($1) ON CONFLICT DO NOTHING", name);
    return find_account(database, name).value();
}

void throw_taken_over() {
    throw Error(ErrorKind::cancelled, "lease_lost", "another replica has taken this over");
}

}  // namespace signwatch::postgres
