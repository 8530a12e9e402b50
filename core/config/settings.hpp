#pragma once

#include "core/config/configuration.hpp"

namespace signwatch::config {

/// Each reads its section and reports what is wrong with it; the result is only used when nothing is.
StoreSettings read_store(Section& section);
DocumentSettings read_documents(Section& section);
ListenSettings read_listen(Section& section);
/// `listen` has neither host nor path if it is not given.
AdminSettings read_admin(Section& section);
LogSettings read_log(Section& section);
PipelineSettings read_pipeline(Section& section);
ReconcileSettings read_reconcile(Section& section);

}  // namespace signwatch::config
