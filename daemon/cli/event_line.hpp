#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "core/ports/state_view.hpp"

namespace signwatch::cli {

/// One event as a line for people: time, entry id, job, status, documents with size and short hash, confirmation. Two
/// spaces separate the parts.
std::string event_line(const EventRow& row);

/// The same for programs, with the whole event under "event".
nlohmann::ordered_json event_json(const EventRow& row);

}  // namespace signwatch::cli
