#pragma once

#include "core/domain/watch.hpp"

namespace signwatch::signhub {

/// How often a flow is looked at: the older it is, the less likely it is to change soon (adobe-signhub 2.7).
struct Pace {
    milliseconds interval{std::chrono::minutes{5}};  ///< of a young flow
    milliseconds slow_after{std::chrono::hours{6}};  ///< since its registration
    milliseconds slow_interval{std::chrono::minutes{10}};
    milliseconds idle_after{std::chrono::hours{7 * 24}};
    milliseconds idle_interval{std::chrono::hours{1}};
};

/// How long to stay away from the watch's flow after a look that ended at `now` (schedule timeline). What was asked for
/// at registration comes before everything.
milliseconds wait_of(const Watch& watch, WallTime now, const Pace& pace);

/// How long to leave the account alone after so many answers in a row asked for fewer calls, without saying how long.
milliseconds throttle_wait(int throttles);

}  // namespace signwatch::signhub
