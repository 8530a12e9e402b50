#pragma once

#include "daemon/cli/context.hpp"

namespace signwatch::cli {

/// Does what the command line says and gives the exit code. Nothing is thrown: every failure becomes one line on
/// `context.err`.
int run_command_line(int argc, const char* const* argv, const Context& context);

}  // namespace signwatch::cli
