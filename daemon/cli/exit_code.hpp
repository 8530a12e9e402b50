#pragma once

#include "core/domain/error.hpp"

namespace signwatch::cli {

/// How the program ends; docs/command-line.md and every --help show the list.
enum class ExitCode {
    ok = 0,
    runtime = 1,        ///< it did not work, for a reason none of the others names
    usage = 2,          ///< the command line cannot be understood
    configuration = 3,  ///< the configuration has mistakes
    dependency = 4,     ///< something we need is not there: the daemon, the store, the disk
    integrity = 5,      ///< stored bytes or rows are not what they claim to be
};

ExitCode exit_code_for(ErrorKind kind);

}  // namespace signwatch::cli
