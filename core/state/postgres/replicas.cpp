#include "core/state/postgres/replicas.hpp"

#include <ctime>
#include <unistd.h>

#include "core/state/postgres/arrival.hpp"

namespace signwatch::postgres {
namespace {

using std::chrono::seconds;

// An answer that took longer says too little about the time.
constexpr milliseconds slowest_answer{250};
// Two clocks drift apart by less; more means that somebody has set the database's.
constexpr milliseconds largest_drift = seconds{2};

milliseconds since_boot() {
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return seconds{time.tv_sec} + milliseconds{time.tv_nsec / 1'000'000};
}

std::string own_name() {
    char host[256] = "";
    ::gethostname(host, sizeof host - 1);
    return std::string(host) + "/" + std::to_string(::getpid());
}

// What they were at is due now, but for what is to rest longer anyway.
void free_updates(Database& database, std::int64_t token) {
    database.execute(
        "UPDATE status_update SET holder = NULL, next_attempt_at = LEAST(next_attempt_at,"
        " (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint + shift_ms FROM timeline)) WHERE holder = $1",
        token);
}

}  // namespace

std::int64_t join_fleet(Database& database, std::int64_t former, milliseconds lease) {
    if (former > 0) leave_fleet(database, former);
    bury_the_dead(database);
    Rows rows = database.query(
        "INSERT INTO replica (name, joined_at, expires_at)"
        " VALUES ($1, clock_timestamp(), clock_timestamp() + $2 * interval '1 millisecond') RETURNING token",
        own_name(),
        lease.count());
    rows.next();
    require_arrived(database);
    return rows.integer(0);
}

std::int64_t begin_membership(Database& database, milliseconds lease) {
    database.begin();
    const std::int64_t token = join_fleet(database, 0, lease);
    database.commit();
    return token;
}

bool extend_lease(Database& database, std::int64_t token, milliseconds lease) {
    return database.execute(
               "UPDATE replica SET expires_at = clock_timestamp() + $2 * interval '1 millisecond'"
               " WHERE token = $1 AND expires_at > clock_timestamp()",
               token,
               lease.count()) > 0;
}

// One with an open transaction is passed over: the database ends that within seconds.
void bury_the_dead(Database& database) {
    Rows dead = database.query(
        "DELETE FROM replica WHERE token IN (SELECT token FROM replica WHERE expires_at <= clock_timestamp()"
        " FOR UPDATE SKIP LOCKED) RETURNING token");
    while (dead.next())
        free_updates(database, dead.integer(0));
}

void leave_fleet(Database& database, std::int64_t token) {
    database.execute("DELETE FROM replica WHERE token = $1", token);
    free_updates(database, token);
}

bool take_office(Database& database, std::int64_t token, const std::string& office) {
    bury_the_dead(database);
    Rows rows = database.query(
        "INSERT INTO office (name, holder) SELECT $1, token FROM replica WHERE token = $2 AND expires_at >"
        " clock_timestamp() FOR KEY SHARE ON CONFLICT (name) DO UPDATE SET holder = excluded.holder"
        " WHERE office.holder = excluded.holder OR NOT EXISTS (SELECT 1 FROM replica r WHERE r.token = office.holder)"
        " RETURNING holder",
        office,
        token);
    return rows.next();
}

// The clock was read before the answer came: taken for the time at which it came, ours is late by less than the answer
// took, and never early.
std::optional<milliseconds> shared_timeline(Database& database, milliseconds ours, bool synchronised) {
    const milliseconds asked = since_boot();
    Rows rows = database.query("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint, shift_ms FROM timeline");
    const milliseconds answered = since_boot();
    if (answered - asked > slowest_answer || !rows.next()) return std::nullopt;
    const milliseconds clock{rows.integer(0)};
    const milliseconds shift{rows.integer(1)};
    const milliseconds offset = clock + shift - answered;
    const milliseconds jump = offset - ours;
    if (!synchronised || (jump <= largest_drift && jump >= -largest_drift)) return offset;
    // Nobody else may have noticed yet: the timeline stays where it is.
    database.execute(
        "UPDATE timeline SET shift_ms = $2 WHERE shift_ms = $1", shift.count(), (ours + answered - clock).count());
    return ours;
}

}  // namespace signwatch::postgres
