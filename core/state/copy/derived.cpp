#include "core/state/copy/derived.hpp"

#include <string>

#include "core/state/copy/tables.hpp"

namespace signwatch::copy {

void derive(postgres::Database& database, const std::function<WallTime()>& schedule_now) {
    for (const Table& table : tables()) {
        if (table.columns[0].name != "id" || table.name == "stream_position") continue;
        const std::string name(table.name);
        database.script("SELECT setval(pg_get_serial_sequence('" + name +
                        "', 'id'), GREATEST(MAX(id), 1), MAX(id) IS NOT NULL) FROM " + name);
    }
    database.script(
        "DELETE FROM tally;"
        " INSERT INTO tally SELECT 'watch', w.account_id, 0, COUNT(*) FROM due_watch d JOIN watch w ON w.id ="
        " d.watch_id WHERE w.rests = '' GROUP BY w.account_id;"
        " INSERT INTO tally SELECT 'process', 0, 0, COUNT(*) FROM process;"
        " INSERT INTO tally SELECT 'document', 0, 0, COUNT(*) FROM document");
    // Which of the last minute's calls was made when is not known: all of them at its end.
    database.execute(
        "INSERT INTO call_budget (budget, recent) SELECT budget, json_agg(LEAST(begin_at + 60000, $1::bigint)"
        " ORDER BY begin_at)::text FROM call_count CROSS JOIN LATERAL generate_series(1, calls)"
        " WHERE span = 'minute' AND begin_at + 120000 > $1::bigint GROUP BY budget",
        schedule_now());
    // The database looks at its clock later than we at ours: late by that much, and never early.
    database.execute("UPDATE timeline SET shift_ms = $1 - (extract(epoch FROM clock_timestamp()) * 1000)::bigint",
                     schedule_now());
}

}  // namespace signwatch::copy
