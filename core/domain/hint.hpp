#pragma once

#include <string>

namespace signwatch {

/// Somebody says that a process may have changed: worth a look now, never believed.
struct ProcessHint {
    std::string process_id;
    std::string reference;  ///< the sender's own reference at the provider, if the hint names it; for adopting
    /// What tells this hint from an earlier one about the same process (a sweep's "modified at"): the same token again
    /// is no news. Empty: always news.
    std::string token;
};

}  // namespace signwatch
