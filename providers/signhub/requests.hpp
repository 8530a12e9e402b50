#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/ports/http.hpp"

/// The three calls as requests (adobe-signhub 2.1 and 2.2); the key is added by the provider.
namespace signwatch::signhub {

/// 21 random letters and digits: new for each call, for the vendor's log alone.
std::string request_id();

/// POST /flow/ApiGetFlowStatus
HttpRequest status_request(const std::string& root_url, const std::string& language, const std::string& flow);

/// GET /flow/ApiDownloadSignedPdf. `max_size` bounds the document and the time for it.
HttpRequest download_request(const std::string& root_url, const std::string& flow, std::uint64_t max_size);

/// POST /verification/ApiVerifySignaturesPades with the document as a file.
HttpRequest verification_request(const std::string& root_url, std::string_view document);

/// All bytes of a document by its descriptor, without moving the file offset. Throws Error(transient, "document_read").
std::string read_document(int descriptor, std::uint64_t size);

}  // namespace signwatch::signhub
