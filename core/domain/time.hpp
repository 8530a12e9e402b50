#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signwatch {

using std::chrono::milliseconds;

/// A moment of the civil (UTC) clock, to the millisecond. Also used, from Clock::schedule_now(), for due times: there
/// it is a moment of the schedule timeline, which never jumps while the machine runs.
using WallTime = std::chrono::sys_time<milliseconds>;

/// "2026-03-04T10:02:11.120Z"
std::string to_rfc3339(WallTime time);

/// Milliseconds since 1970-01-01T00:00:00Z: the form in which stores keep a time.
constexpr std::int64_t to_unix_ms(WallTime time) {
    return time.time_since_epoch().count();
}
constexpr WallTime from_unix_ms(std::int64_t ms) {
    return WallTime{milliseconds{ms}};
}

/// Reads an ISO 8601 moment with an explicit offset: `YYYY-MM-DDThh:mm[:ss[.1-9 digits]](Z|±hh[:mm[:ss]])[[region]]`,
/// the grammar of Posten's headers and dateTimes (posten-arqsign 1.4.1). Fractions are rounded up, so that a permitted
/// time never comes early. A value without an offset is malformed: nullopt.
std::optional<WallTime> parse_iso8601(std::string_view text);

/// Reads an HTTP `Date` header (IMF-fixdate); nullopt if it is malformed.
std::optional<WallTime> parse_http_date(std::string_view text);

}  // namespace signwatch
