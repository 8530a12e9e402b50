#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "core/domain/time.hpp"

namespace signwatch::adobe_sign {

/// Which GETs were sent within the minimum polling interval, so that none is repeated too early (adobe-signhub 1.6).
/// Looks, and what a restart repeats, are spaced by the store; this is for what one update asks beside that, and lives
/// in memory. Times are of the schedule timeline.
class AskedLately {
public:
    explicit AskedLately(milliseconds gap) : gap_(gap) {}

    /// Notes that `path` is asked now. Throws Error(transient, "adobe_asked_lately") with the rest of the wait if it
    /// was asked a moment ago.
    void note(const std::string& path, WallTime now);

    std::size_t size() const { return asked_.size(); }

private:
    void forget(WallTime now);

    milliseconds gap_;
    WallTime cleaned_at_{};
    std::map<std::string, WallTime> asked_;
};

}  // namespace signwatch::adobe_sign
