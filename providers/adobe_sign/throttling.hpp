#pragma once

#include <optional>

#include "core/domain/time.hpp"
#include "core/ports/http.hpp"

/// How Adobe asks for fewer calls (adobe-signhub 1.6). Pure functions.
namespace signwatch::adobe_sign {

/// How long a 429 asks to stay away: the longest of Retry-After (seconds or a date), a header "retryAfter" and the
/// body's retryAfter, at least a second and at most a day. nullopt if it does not say. `now`: civil time.
std::optional<milliseconds> told_wait(const HttpResponse& response, WallTime now);

/// What to do without being told: 2 s, doubled by every 429 in a row, up to a minute.
milliseconds untold_wait(int throttles);

}  // namespace signwatch::adobe_sign
