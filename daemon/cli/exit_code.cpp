#include "daemon/cli/exit_code.hpp"

namespace signwatch::cli {

ExitCode exit_code_for(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::transient:
        case ErrorKind::throttled:
        case ErrorKind::unauthorized:
            return ExitCode::dependency;
        case ErrorKind::integrity:
            return ExitCode::integrity;
        case ErrorKind::permanent:
        case ErrorKind::cancelled:
            break;
    }
    return ExitCode::runtime;
}

}  // namespace signwatch::cli
