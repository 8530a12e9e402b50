#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/domain/registration.hpp"
#include "core/ports/command_stream.hpp"

namespace signwatch::registry {

/// A command as its sender meant it.
struct CommandEvent {
    std::string id;      ///< together with `source` what makes it this command
    std::string source;  ///< who sent it
    std::string type;    ///< "process.add", or "process." and the word of an order
    std::string account;
    std::string process_id;
    std::string correlation_id;               ///< empty: not known
    std::optional<Registration> to_register;  ///< of process.add
    std::optional<ProcessOrder> order;        ///< of the others
    std::string mistake;                      ///< why its data cannot be understood; then neither of them is there
};

/// Why nobody will ever understand an entry: no_event, too_large, not_json, not_cloud_event or type_unknown.
struct NoCommand {
    std::string_view reason;
};

/// Reads CloudEvents 1.0 JSON after schema/events/command.v1.json, at most 64 KiB.
std::variant<CommandEvent, NoCommand> read_command(std::string_view json);

/// What became of a command.
struct CommandOutcome {
    std::string_view word;  ///< added, unchanged, changed, done, refused
    std::string mistake;    ///< of refused
};

/// The answer after schema/events/command-result.v1.json. Its id is that of the command in another form: a command that
/// is done again gives the same one. Pure.
CommandAnswer::Result compose_result(const CommandEvent& command, const CommandOutcome& outcome, WallTime now);

}  // namespace signwatch::registry
