#include "core/state/postgres/arrival.hpp"

#include <string_view>

#include "core/domain/error.hpp"

namespace signwatch::postgres {
namespace {

constexpr std::string_view words[]{"filling", "released", "abandoned"};

std::string_view word_of(ArrivalState state) {
    return words[static_cast<std::size_t>(state)];
}

ArrivalState read_state(const std::string& word) {
    if (word == word_of(ArrivalState::released)) return ArrivalState::released;
    if (word == word_of(ArrivalState::abandoned)) return ArrivalState::abandoned;
    return ArrivalState::filling;
}

}  // namespace

std::optional<Arrival> find_arrival(Database& database) {
    Rows rows = database.query("SELECT move, source, state FROM arrival");
    if (!rows.next()) return std::nullopt;
    return Arrival{rows.text(0), rows.text(1), read_state(rows.text(2))};
}

void require_arrived(Database& database) {
    const std::optional<Arrival> arrival = find_arrival(database);
    if (!arrival || arrival->state != ArrivalState::filling) return;
    throw Error(ErrorKind::permanent,
                "store_incomplete",
                "this database holds an unfinished copy of the record at " + arrival->source +
                    ": `signwatch store copy` with the same files goes on, with --abandon it empties the database");
}

// Daemons write into `replica` when they join, commands into `writer` in each of their transactions.
void hold_writers(Database& database) {
    database.script("LOCK TABLE replica, writer IN EXCLUSIVE MODE");
}

void begin_arrival(Database& database, const Arrival& arrival) {
    database.execute(
        "INSERT INTO arrival (id, move, source, state, begun_at) VALUES (1, $1, $2, $3, now())"
        " ON CONFLICT (id) DO UPDATE SET move = excluded.move, source = excluded.source, state = excluded.state,"
        " begun_at = excluded.begun_at",
        arrival.move,
        arrival.source,
        word_of(arrival.state));
    database.execute("DELETE FROM arrived_rows");
}

void set_arrival(Database& database, ArrivalState state) {
    database.execute("UPDATE arrival SET state = $1", word_of(state));
    database.execute("DELETE FROM arrived_rows");
}

int count_members(Database& database) {
    Rows rows = database.query("SELECT COUNT(*) FROM replica WHERE expires_at > clock_timestamp()");
    return rows.next() ? rows.small(0) : 0;
}

}  // namespace signwatch::postgres
