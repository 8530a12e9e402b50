#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "core/ports/state_view.hpp"

/// Rows of the record as JSON, in the one shape that the command line and the admin listener share. The names are part
/// of both contracts: add, never rename.
namespace signwatch::rows {

using Json = nlohmann::ordered_json;

Json watch_json(const WatchRow& row);
Json process_json(const ProcessRow& row);
/// The whole snapshot: with participants, updates, documents and history.
Json process_detail_json(const ProcessDetail& detail);
Json document_json(const StoredDocument& document);
Json document_row_json(const DocumentRow& row);

/// Whether the process is looked at on its own: "yes", "no", "paused", "parked", "removed".
std::string looks_word(const ProcessRow& row);

/// A text, or null if it is empty.
Json text_or_null(const std::string& text);
Json time_or_null(const std::optional<WallTime>& time);

}  // namespace signwatch::rows
