#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/domain/process.hpp"
#include "core/domain/time.hpp"

namespace signwatch {

/// A caller's own note on a process; carried in its snapshot and events.
struct Label {
    std::string name;
    std::string value;

    bool operator==(const Label&) const = default;
};

/// What a caller tells about a process so that we follow it. Account and process id identify it; saying the same again
/// changes nothing, another correlation id for it is refused.
struct Registration {
    ProviderKind provider = ProviderKind::posten;
    std::string account;
    std::string process_id;
    std::string correlation_id;
    std::optional<WallTime> deadline;      ///< civil time: passed without an end, it is reported as expired
    std::optional<milliseconds> interval;  ///< between two looks, instead of the account's
    std::vector<Label> labels;
};

/// What became of a registration.
enum class Registered {
    added,      ///< new, or known from its queue and now named by its caller
    unchanged,  ///< it was there already, just so
    changed,    ///< it was there already; deadline, interval or labels are now these
    conflict,   ///< refused: it is registered under another correlation id
};

struct RegisterResult {
    Registered outcome = Registered::added;
    std::string correlation_id;  ///< the one that stands
};

/// What an operator or caller may order for a registered process.
enum class ProcessOrder { remove, pause, resume, poll_now };

enum class OrderOutcome {
    done,
    unknown,      ///< no such process
    not_watched,  ///< it is not looked at on its own: a queue brings it, it has ended, or (poll_now) it is paused
};

}  // namespace signwatch
