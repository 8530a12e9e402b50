#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/domain/event.hpp"
#include "core/ports/task.hpp"

namespace signwatch {

/// Something that a caller wants done, as it stands in the stream.
struct Command {
    EntryId entry;
    std::string json;             ///< CloudEvents; empty: the entry has none, or it could not be read again and again
    std::int64_t deliveries = 1;  ///< how often it was given to somebody, this time included
};

/// What was done about a command. Both texts absent: it is only done with.
struct CommandAnswer {
    struct Result {
        std::string id;  ///< the same for every repeat of the command
        std::string json;
    };
    /// Something that nobody will ever understand: kept aside for people to look at.
    struct DeadLetter {
        std::string reason;  ///< one of a fixed list
        std::string json;    ///< as it came
    };

    EntryId entry;
    std::optional<Result> result;
    std::optional<DeadLetter> dead;
};

/// A stream of commands that is worked off at least once: what was taken and never finished is given again, to the same
/// daemon at once, to another one after a while.
class CommandStream {
public:
    virtual ~CommandStream() = default;

    /// What was taken before and not finished, else what is new, at most `limit`; waits for new ones at most
    /// `patience`, empty if none came. Those taken in this call must be finished before the next. Throws Error when
    /// the stream cannot be read now.
    virtual Task<std::vector<Command>> take(std::size_t limit, std::chrono::milliseconds patience) = 0;

    /// Writes the answers and ends their commands, all or nothing. Throws Error(transient) when the stream cannot be
    /// reached: they may or may not be written, and doing it again is right.
    virtual Task<void> finish(std::vector<CommandAnswer> answers) = 0;

    /// Ends a take that waits; from now on take gives nothing.
    virtual void stop() = 0;
};

}  // namespace signwatch
