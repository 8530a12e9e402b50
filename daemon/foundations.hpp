#pragma once

#include "core/config/configuration.hpp"

namespace signwatch::daemon {

/// What a reload cannot change: store, Redis, listeners and pipeline belong to the process. Throws Error(permanent,
/// "reload_needs_restart") naming the sections that differ.
void require_same_foundations(const config::Configuration& running, const config::Configuration& fresh);

}  // namespace signwatch::daemon
