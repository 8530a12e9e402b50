#pragma once

#include <string>

#include "daemon/cli/commands.hpp"

/// Values of options that are more than a word or a number. All throw CLI::ValidationError.
namespace signwatch::cli {

/// STEP:COUNT, or STEP for its first time.
KillPoint parse_kill_point(const std::string& text);
MoveKillPoint parse_move_kill_point(const std::string& text);
EntryId parse_entry(const std::string& text);
config::Endpoint parse_address(const std::string& text);

}  // namespace signwatch::cli
