#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tests/simulator/http_exchange.hpp"

namespace signwatch::simulator::signhub {

/// What a well-formed call says (adobe-signhub 2.1).
struct SignhubRequest {
    std::int64_t flow = 0;
    std::string id;
};

/// The body of ApiGetFlowStatus; nullopt if a member is missing, or is not what the vendor asks for.
std::optional<SignhubRequest> read_status_request(const Call& call);

/// The query of ApiDownloadSignedPdf.
std::optional<SignhubRequest> read_download_request(std::string_view query);

/// The one part of a multipart body, if it is a file named "file"; nullopt otherwise.
std::optional<std::string_view> file_in(const Call& call);

}  // namespace signwatch::simulator::signhub
