#pragma once

#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/ports/state_view.hpp"
#include "daemon/cli/output.hpp"

/// Rows of the record as JSON (field names are part of the command line's contract) and as words for people.
namespace signwatch::cli {

using Json = nlohmann::ordered_json;

Json watch_json(const WatchRow& row);
Json process_json(const ProcessRow& row);
Json process_detail_json(const ProcessDetail& detail);
Json document_json(const StoredDocument& document);
Json document_row_json(const DocumentRow& row);

Table watch_table(const std::vector<WatchRow>& rows, WallTime now);

/// "confirmed", "not confirmed yet", ... for the acknowledgement column of the record.
std::string confirmation_text(const std::string& acknowledgement);

/// "pades", "xades of signer 2"
std::string document_name(DocumentKind kind, int participant, int part);
/// Whether the process is looked at on its own: "yes", "no", "paused", "parked", "removed".
std::string looks_word(const ProcessRow& row);

/// The first 12 characters of a hash.
std::string short_hash(const std::string& sha256);

}  // namespace signwatch::cli
