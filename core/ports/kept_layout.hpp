#pragma once

#include "core/domain/stream_layout.hpp"
#include "core/ports/keepsakes.hpp"

namespace signwatch {

/// How the events of this record are divided among streams; undivided if nothing was ever said. Throws
/// Error(integrity, "store_corrupt") if what is kept is none, and as Keepsakes do.
Task<StreamLayout> read_layout(Keepsakes& keepsakes);
Task<void> keep_layout(Keepsakes& keepsakes, StreamLayout layout);

}  // namespace signwatch
