#pragma once

#include <functional>
#include <ostream>

#include "daemon/cli/context.hpp"

namespace signwatch::cli {

/// What a command line means: a command, or (no command) help or a complaint that is printed already.
struct Meaning {
    std::function<int(const Context&)> command;
    int exit_code = 0;  ///< if there is no command
};

/// Reads a command line; help goes to `out`, complaints to `err`.
Meaning parse_command_line(int argc, const char* const* argv, std::ostream& out, std::ostream& err);

}  // namespace signwatch::cli
