#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "core/domain/time.hpp"

namespace signwatch::adobe_sign {

/// Which GETs were sent within the minimum polling interval, so that none is repeated too early (adobe-signhub 1.6).
/// The looks themselves are spaced by the store; this is for what is asked beside them, and lives in memory: after a
/// start, where the interval is long, everything counts as asked at the start. Times are of the schedule timeline.
class AskedLately {
public:
    AskedLately(milliseconds gap, WallTime started);

    /// Notes that `path` is asked now. Throws Error(transient, "adobe_asked_lately") with the rest of the wait if it
    /// was asked a moment ago.
    void note(const std::string& path, WallTime now);

    std::size_t size() const { return asked_.size(); }

private:
    void forget(WallTime now);

    milliseconds gap_;
    WallTime unknown_until_;
    WallTime cleaned_at_;
    std::map<std::string, WallTime> asked_;
};

}  // namespace signwatch::adobe_sign
