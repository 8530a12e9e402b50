#include "core/state/sqlite/call_counts.hpp"

#include "core/domain/names.hpp"

namespace signwatch::sqlite {

std::vector<CallCount> call_counts(Database& database, const std::string& budget) {
    std::vector<CallCount> counts;
    Rows rows = database.query("SELECT span, begin_at, calls FROM call_count WHERE budget = ?1", budget);
    while (rows.next())
        counts.push_back({from_name<CallSpan>(rows.text(0)).value_or(CallSpan::minute), rows.time(1), rows.small(2)});
    return counts;
}

void count_calls(Database& database, const std::string& budget, const std::vector<CallCount>& calls, WallTime now) {
    for (const CallCount& each : calls) {
        database.execute(
            "INSERT INTO call_count VALUES (?1, ?2, ?3, ?4)"
            " ON CONFLICT (budget, span, begin_at) DO UPDATE SET calls = calls + excluded.calls",
            budget,
            name_of(each.span),
            each.begin,
            each.calls);
    }
    for (const CallSpan span : {CallSpan::minute, CallSpan::hour, CallSpan::day}) {
        database.execute("DELETE FROM call_count WHERE budget = ?1 AND span = ?2 AND begin_at < ?3",
                         budget,
                         name_of(span),
                         now - kept_for(span));
    }
}

}  // namespace signwatch::sqlite
