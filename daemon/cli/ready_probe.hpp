#pragma once

#include <optional>

#include "daemon/cli/context.hpp"

namespace signwatch::cli {

/// Asks /readyz, for at most two seconds; nullopt if nobody answers with HTTP there. Blocking.
std::optional<ReadyAnswer> ask_ready(const config::Endpoint& address);

}  // namespace signwatch::cli
