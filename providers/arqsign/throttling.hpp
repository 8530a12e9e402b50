#pragma once

#include <optional>

#include "core/domain/time.hpp"
#include "core/ports/http.hpp"

/// How ArqSign says that there were too many calls. It is not documented: these are the forms of the gateway that it
/// seems to use (posten-arqsign 2.9). Pure functions.
namespace signwatch::arqsign {

/// 429, or 403 with Retry-After or words about a quota; any other 403 is about who we are.
bool is_throttled(const HttpResponse& response);

/// How long to stay away: Retry-After in seconds or as a date, or "in 12 seconds", "in 05:12:33" in the body. At most a
/// day: a mistake there must not silence an account. nullopt if the answer does not say.
std::optional<milliseconds> told_wait(const HttpResponse& response, WallTime now);

}  // namespace signwatch::arqsign
