#pragma once

#include <string>

#include "core/domain/watch.hpp"

namespace signwatch::adobe_sign {

/// How often this account may ask (adobe-signhub 1.6).
struct Pace {
    milliseconds gap{};          ///< between two identical GETs
    milliseconds interval{};     ///< between two looks at a young agreement
    milliseconds second_step{};  ///< between two looks at one that is older than an hour
};

/// Of a tier ("global", "enterprise" or "other"). The gaps are a little longer than documented: what counts is when a
/// call arrives at the provider.
Pace pace_of_tier(const std::string& tier);

/// What a look has to know of the account to say when the next is due.
struct LookRhythm {
    Pace pace;
    bool webhooks_work = false;  ///< then looks are six times as rare
};

/// When an agreement of that age is looked at again, from the answer on; `now` on the schedule timeline. `draft`:
/// nobody has been asked to sign yet, an hour is soon enough. Never less than the gap.
milliseconds wait_of(const Watch& watch, WallTime now, const LookRhythm& rhythm, bool draft);

}  // namespace signwatch::adobe_sign
