#pragma once

#include <string>
#include <string_view>

#include "core/domain/document.hpp"
#include "providers/adobe_sign/api_call.hpp"
#include "providers/adobe_sign/config.hpp"

/// The calls about one agreement (adobe-signhub 1.3). Pure functions; ids are percent-encoded.
namespace signwatch::adobe_sign {

/// `etag` as it came; empty: whatever the agreement is.
ApiCall agreement_call(const std::string& id, const std::string& etag);
ApiCall members_call(const std::string& id);
ApiCall events_call(const std::string& id);

/// Throws Error(permanent, "document_foreign") for a document that is not one of ours.
ApiCall document_call(const DocumentRef& document, const Settings& settings);

/// `text` as a part of a path or as a value in a query.
std::string percent_encoded(std::string_view text);

}  // namespace signwatch::adobe_sign
