#include "core/state/postgres/call_counts.hpp"

#include <nlohmann/json.hpp>

#include "core/domain/names.hpp"

namespace signwatch::postgres {
namespace {

std::string encode_times(const std::vector<WallTime>& times) {
    nlohmann::json array = nlohmann::json::array();
    for (const WallTime each : times)
        array.push_back(to_unix_ms(each));
    return array.dump();
}

std::vector<WallTime> decode_times(const std::string& text) {
    std::vector<WallTime> times;
    for (const nlohmann::json& each : nlohmann::json::parse(text, nullptr, false))
        if (each.is_number_integer()) times.push_back(from_unix_ms(each.get<std::int64_t>()));
    return times;
}

int calls_in(const std::vector<CallCount>& counts, const CallCount& wanted) {
    for (const CallCount& each : counts)
        if (each.span == wanted.span && each.begin == wanted.begin) return each.calls;
    return 0;
}

}  // namespace

std::vector<CallCount> call_counts(Database& database, const std::string& budget) {
    std::vector<CallCount> counts;
    Rows rows = database.query("SELECT span, begin_at, calls FROM call_count WHERE budget = $1", budget);
    while (rows.next())
        counts.push_back({from_name<CallSpan>(rows.text(0)).value_or(CallSpan::minute), rows.time(1), rows.small(2)});
    return counts;
}

void count_calls(Database& database, const std::string& budget, const std::vector<CallCount>& calls, WallTime now) {
    for (const CallCount& each : calls) {
        database.execute(
            "INSERT INTO call_count VALUES ($1, $2, $3, $4)"
            " ON CONFLICT (budget, span, begin_at) DO UPDATE SET calls = call_count.calls + excluded.calls",
            budget,
            name_of(each.span),
            each.begin,
            each.calls);
    }
    for (const CallSpan span : {CallSpan::minute, CallSpan::hour, CallSpan::day}) {
        database.execute("DELETE FROM call_count WHERE budget = $1 AND span = $2 AND begin_at < $3",
                         budget,
                         name_of(span),
                         now - kept_for(span));
    }
}

// The budget's row is locked first: whoever decides next sees what was decided here.
SharedCalls decide_call(Database& database, const std::string& budget, const CallJudge& judge, WallTime now) {
    database.execute("INSERT INTO call_budget (budget) VALUES ($1) ON CONFLICT DO NOTHING", budget);
    SharedCalls calls;
    {
        Rows rows = database.query(
            "SELECT next_call, last_look, held_until, recent FROM call_budget WHERE budget = $1 FOR NO KEY UPDATE",
            budget);
        rows.next();
        calls.next_call = rows.time(0);
        calls.last_look = rows.time(1);
        calls.held_until = rows.time(2);
        calls.recent = decode_times(rows.text(3));
    }
    calls.counts = call_counts(database, budget);
    const std::vector<CallCount> before = calls.counts;
    judge(calls);
    std::vector<CallCount> more;
    for (const CallCount& each : calls.counts) {
        const int counted = each.calls - calls_in(before, each);
        if (counted > 0) more.push_back({each.span, each.begin, counted});
    }
    if (!more.empty()) count_calls(database, budget, more, now);
    database.execute(
        "UPDATE call_budget SET next_call = $2, last_look = $3, held_until = $4, recent = $5 WHERE budget = $1",
        budget,
        calls.next_call,
        calls.last_look,
        calls.held_until,
        encode_times(calls.recent));
    return calls;
}

}  // namespace signwatch::postgres
