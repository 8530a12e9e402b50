#pragma once

#include <string_view>
#include <vector>

#include "core/domain/event.hpp"
#include "core/domain/status_update.hpp"
#include "core/ports/state_store.hpp"

namespace signwatch::pipeline {

/// The CloudEvents message for one status change, after schema/events/signature.v1.json: no names, national numbers,
/// addresses or URLs of the provider. Pure: the same arguments give the same message.
EventMessage compose_status_event(const StatusUpdate& update,
                                  const std::vector<StoredDocument>& documents,
                                  WallTime observed_at,
                                  const EventContext& context);

/// The message that asks people to look: an update was parked for `code`.
EventMessage compose_parked_event(const StatusUpdate& update,
                                  std::string_view code,
                                  WallTime observed_at,
                                  const EventContext& context);

/// "io.signwatch.signature.completed.v1"
std::string event_type(ProcessState state);

}  // namespace signwatch::pipeline
