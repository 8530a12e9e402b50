#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/domain/time.hpp"

namespace signwatch {

using WatchId = std::int64_t;

enum class WatchKind { queue, process, sweep };

/// What made us look.
enum class Via { poll, webhook, sweep };

/// What identifies a watch: `target` is the provider's own word for the thing polled (Posten: "portal",
/// "portal/loans").
struct WatchKey {
    std::string account;
    WatchKind kind = WatchKind::queue;
    std::string target;

    bool operator==(const WatchKey&) const = default;
};

/// What a provider has to remember between two polls of a watch; kept in the row, so that a restart forgets nothing.
struct PollMemory {
    int errors = 0;           ///< failures in a row
    int throttles = 0;        ///< 429 answers in a row
    int missing_headers = 0;  ///< answers in a row without a usable permitted time

    bool operator==(const PollMemory&) const = default;
};

/// One thing that is polled. `due_at` is on the schedule timeline and is never before what the provider permits.
struct Watch {
    WatchId id = 0;
    WatchKey key;
    WallTime due_at{};
    PollMemory memory;
    /// The provider's own note from the last poll (how far a sweep has come, an ETag); at most 4 KiB, opaque to us.
    std::string bookmark;

    // Of the watch of a single process.
    std::string seen;                      ///< fingerprint of the newest update recorded from it; empty: none yet
    std::optional<milliseconds> interval;  ///< asked for at registration, instead of the account's
    WallTime since{};                      ///< when it was registered (schedule timeline)
    int attempts = 0;                      ///< earlier looks that never ended: the daemon died in them
    bool hurried = false;                  ///< out of turn, by a hint or an order: its regular look stays where it is
    bool said_ended = false;               ///< hurried by a hint which says that the process has ended
    bool said_restarted = false;           ///< hurried by a hint which says that the process goes on after its end
    Via via = Via::poll;                   ///< what hurried it; poll: nothing but its turn, or an order
};

}  // namespace signwatch
