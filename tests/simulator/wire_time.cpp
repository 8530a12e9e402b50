#include "tests/simulator/wire_time.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace signwatch::simulator {
namespace {

constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> months{
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::tm calendar(std::time_t seconds) {
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    return parts;
}

}  // namespace

std::string offsetless_time(microseconds wall) {
    const std::int64_t ms = (wall.count() + 999) / 1000;
    const std::tm local = calendar(static_cast<std::time_t>(ms / 1000 + 3600));
    char text[80];
    std::snprintf(text,
                  sizeof text,
                  "%04d-%02d-%02dT%02d:%02d:%02d.%03d",
                  local.tm_year + 1900,
                  local.tm_mon + 1,
                  local.tm_mday,
                  local.tm_hour,
                  local.tm_min,
                  local.tm_sec,
                  static_cast<int>(ms % 1000));
    return text;
}

std::string norwegian_time(microseconds wall) {
    return offsetless_time(wall) + "+01:00";
}

// The clock of norwegian_time() is an hour ahead.
std::string utc_time(microseconds wall) {
    return offsetless_time(wall - std::chrono::hours{1}) + "0000";
}

std::string http_date(microseconds wall) {
    const std::tm utc = calendar(static_cast<std::time_t>(wall.count() / 1'000'000));
    char text[64];
    std::snprintf(text,
                  sizeof text,
                  "%s, %02d %s %04d %02d:%02d:%02d GMT",
                  days[static_cast<std::size_t>(utc.tm_wday)],
                  utc.tm_mday,
                  months[static_cast<std::size_t>(utc.tm_mon)],
                  utc.tm_year + 1900,
                  utc.tm_hour,
                  utc.tm_min,
                  utc.tm_sec);
    return text;
}

}  // namespace signwatch::simulator
