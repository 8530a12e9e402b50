#pragma once

#include "daemon/cli/context.hpp"

namespace signwatch::cli {

/// Opens the store, the documents and Redis of the configuration, beside a daemon or without one, and runs once. A
/// Redis that cannot be reached is left out, and the report says so. Throws Error if the store cannot be opened.
reconcile::Report run_reconciliation(const ReconcileWork& work);

}  // namespace signwatch::cli
