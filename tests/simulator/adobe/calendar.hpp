#pragma once

#include <string>
#include <vector>

#include "tests/simulator/virtual_clock.hpp"

namespace signwatch::simulator::adobe {

/// At which real moment the virtual clock was (or will be) somewhere: dates in answers are civil time, and the date of
/// what has happened never changes. What was jumped over happened at the moment of the jump.
class Calendar {
public:
    Calendar(const Moment& start, double rate) : rate_(rate), anchors_{start} {}

    /// The virtual clock was moved.
    void jumped(const Moment& now) { anchors_.push_back(now); }

    microseconds wall_at(microseconds virtual_time) const;

private:
    double rate_;
    std::vector<Moment> anchors_;
};

/// How dates are written.
enum class DateForm { zulu, offset, compact_offset, fractions };

/// "2026-03-04T10:02:11Z", "...+03:00", "...+0300" or "...11.123Z".
std::string adobe_date(microseconds wall, DateForm form = DateForm::zulu);

/// The wall time of such a date without fractions, in UTC; throws std::invalid_argument for anything else.
microseconds wall_of_date(const std::string& text);

}  // namespace signwatch::simulator::adobe
