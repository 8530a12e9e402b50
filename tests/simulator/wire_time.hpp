#pragma once

#include <string>

#include "tests/simulator/virtual_clock.hpp"

namespace signwatch::simulator {

/// A wall time as Posten writes it: "2019-04-22T10:39:46.610+01:00", rounded up to the millisecond.
std::string norwegian_time(microseconds wall);

/// The same without its offset, which makes it malformed.
std::string offsetless_time(microseconds wall);

/// "Mon, 22 Apr 2019 09:39:46 GMT"
std::string http_date(microseconds wall);

/// A wall time as ArqSign writes it: UTC without saying so, "2025-02-14T18:22:40.1230000".
std::string utc_time(microseconds wall);

}  // namespace signwatch::simulator
