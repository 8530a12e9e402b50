#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "core/documents/staging/staging_area.hpp"
#include "core/ports/document_store.hpp"
#include "core/ports/progress.hpp"
#include "core/runtime/offload.hpp"

namespace signwatch::filesystem {

/// Documents as read-only files `<directory>/objects/<first two digits>/<sha256>`, made under `<directory>/incoming`:
/// synced, then renamed, then the directory synced. Makes the directories (0700) if missing; removes what a crashed run
/// left in `incoming`. Give `pool` several threads: fsyncs of different documents overlap. `progress` is told
/// document_synced and document_renamed from them. Both outlive the store. The first error of a sync loses the
/// document: it has to be fetched again. Throws Error(transient): "document_store_open", "disk_full". Codes of the
/// store besides those of the port: "disk_full" (also from `stage`, while less than `reserve` is free),
/// "document_sync", "document_read".
std::unique_ptr<DocumentStore> open_document_store(const std::filesystem::path& directory,
                                                   runtime::BlockingPool& pool,
                                                   Progress& progress,
                                                   std::uint64_t reserve = staging::default_reserve);

}  // namespace signwatch::filesystem
