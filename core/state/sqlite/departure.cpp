#include "core/state/sqlite/departure.hpp"

#include <vector>

#include "core/domain/error.hpp"
#include "core/state/sqlite/claimed_stretches.hpp"

namespace signwatch::sqlite {
namespace {

[[noreturn]] void throw_moving(const Departure& departure) {
    throw Error(ErrorKind::permanent,
                "store_moving",
                "this record is on its way to " + departure.target +
                    ": `signwatch store copy` with the same files goes on, with --abandon it takes the record back");
}

[[noreturn]] void throw_moved(const Departure& departure) {
    throw Error(ErrorKind::permanent,
                "store_moved",
                "this record has moved to " + departure.target +
                    ", and what is left here is history: use the configuration that names its new place");
}

void refuse(const std::optional<Departure>& departure) {
    if (!departure) return;
    if (departure->moved) throw_moved(*departure);
    throw_moving(*departure);
}

void put_claims_back(Database& database) {
    std::vector<AccountId> accounts;
    Rows rows = database.query("SELECT id FROM account");
    while (rows.next())
        accounts.push_back(rows.integer(0));
    ClaimedStretches stretches;
    for (const AccountId account : accounts)
        stretches.end(database, account);
}

}  // namespace

std::optional<Departure> find_departure(Database& database) {
    Rows rows = database.query("SELECT move, target, moved FROM departure");
    if (!rows.next()) return std::nullopt;
    return Departure{rows.text(0), rows.text(1), rows.small(2) != 0};
}

void require_staying(Database& database) {
    refuse(find_departure(database));
}

void require_never_left(Database& database) {
    Rows rows = database.query("SELECT 1 FROM sqlite_schema WHERE name = 'departure'");
    if (rows.next()) require_staying(database);
}

void require_current(Database& database) {
    const std::optional<Departure> departure = find_departure(database);
    if (departure && departure->moved) throw_moved(*departure);
}

void begin_departure(Database& database, const Departure& departure, WallTime now) {
    put_claims_back(database);
    database.execute("INSERT INTO departure (id, move, target, since) VALUES (1, ?1, ?2, ?3)",
                     departure.move,
                     departure.target,
                     now);
}

void mark_moved(Database& database) {
    database.execute("UPDATE departure SET moved = 1");
}

void cancel_departure(Database& database) {
    database.execute("DELETE FROM departure");
}

}  // namespace signwatch::sqlite
