#pragma once

#include <vector>

#include "core/ports/state_view.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/rows/row_json.hpp"

/// Rows of the record as JSON (daemon/rows) and as words for people.
namespace signwatch::cli {

using rows::document_json;
using rows::document_row_json;
using rows::Json;
using rows::looks_word;
using rows::process_detail_json;
using rows::process_json;
using rows::watch_json;

Table watch_table(const std::vector<WatchRow>& rows, WallTime now);

/// "confirmed", "not confirmed yet", ... for the acknowledgement column of the record.
std::string confirmation_text(const std::string& acknowledgement);

/// "pades", "xades of signer 2"
std::string document_name(DocumentKind kind, int participant, int part);

/// The first 12 characters of a hash.
std::string short_hash(const std::string& sha256);

}  // namespace signwatch::cli
