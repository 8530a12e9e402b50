#pragma once

#include <cstddef>
#include <string>

namespace signwatch {

/// Somebody says that a process may have changed: worth a look now, never believed.
struct ProcessHint {
    std::string process_id;
    std::string reference;  ///< the sender's own reference at the provider, if the hint names it; for adopting
    /// What tells this hint from an earlier one about the same process (a sweep's "modified at"): the same token again
    /// is no news. Empty: always news.
    std::string token;
    /// It says that the process has ended: at providers with few calls it pays to fetch it at once.
    bool ended = false;
    /// It says that the process goes on after its end: one that has ended gets one more look, which may find it so.
    bool restarted = false;
};

/// What became of hints.
struct HintCounts {
    std::size_t hurried = 0;    ///< a look is due now
    std::size_t adopted = 0;    ///< nobody had named the process; it is looked at from now on
    std::size_t unchanged = 0;  ///< the same was hinted before, or the process is not looked at any more
    std::size_t unknown = 0;    ///< no process of ours
};

}  // namespace signwatch
