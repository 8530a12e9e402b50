#pragma once

#include <string>
#include <vector>

#include "core/domain/registration.hpp"
#include "core/domain/status_update.hpp"

/// How lists stand in the columns of a store: as JSON, the same in every store. Decoding throws Error(integrity,
/// "store_corrupt") for what is not ours.
namespace signwatch::state {

std::string encode(const std::vector<Participant>& participants);
std::string encode(const std::vector<DocumentRef>& documents);
std::string encode(const std::vector<Label>& labels);
std::vector<Label> decode_labels(const std::string& json);
std::vector<Participant> decode_participants(const std::string& json);
std::vector<DocumentRef> decode_documents(const std::string& json);

}  // namespace signwatch::state
