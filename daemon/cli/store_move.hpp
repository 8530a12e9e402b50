#pragma once

#include "daemon/cli/context.hpp"

namespace signwatch::cli {

/// Context::copy_store: documents first, which anybody may interrupt, then the record. No daemon may work on the source
/// meanwhile: this holds the lock of its directory. Throws Error(transient, "store_locked") if one does, and what the
/// parts throw.
CopyResult move_store(const CopyWork& work, const ShowStage& show);

/// Context::abandon_copy.
copy::AbandonReport abandon_store(const RecordPlace& from, const RecordPlace& to);

}  // namespace signwatch::cli
