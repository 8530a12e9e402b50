#include "tests/simulator/adobe/calendar.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <stdexcept>

namespace signwatch::simulator::adobe {

microseconds Calendar::wall_at(microseconds virtual_time) const {
    const auto after = std::upper_bound(
        anchors_.begin() + 1, anchors_.end(), virtual_time, [](microseconds time, const Moment& anchor) {
            return time < anchor.virtual_time;
        });
    const Moment& anchor = *(after - 1);
    const auto elapsed = static_cast<double>((virtual_time - anchor.virtual_time).count()) / rate_;
    const microseconds wall = anchor.wall + microseconds{std::llround(elapsed)};
    return after == anchors_.end() ? wall : std::min(wall, after->wall);
}

std::string adobe_date(microseconds wall, DateForm form) {
    const bool local = form == DateForm::offset || form == DateForm::compact_offset;
    const auto seconds = static_cast<std::time_t>(wall.count() / 1'000'000 + (local ? 3 * 3600 : 0));
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[40];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    if (form == DateForm::offset) return std::string(text) + "+03:00";
    if (form == DateForm::compact_offset) return std::string(text) + "+0300";
    if (form == DateForm::zulu) return std::string(text) + "Z";
    char fraction[16];
    std::snprintf(fraction, sizeof fraction, ".%03dZ", static_cast<int>(wall.count() / 1000 % 1000));
    return std::string(text) + fraction;
}

microseconds wall_of_date(const std::string& text) {
    std::tm parts{};
    const char* const end = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    if (end == nullptr || *end != '\0') throw std::invalid_argument("not a date: '" + text + "'");
    return std::chrono::seconds{timegm(&parts)};
}

}  // namespace signwatch::simulator::adobe
