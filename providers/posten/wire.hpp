#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/sensitive.hpp"
#include "providers/posten/config.hpp"

/// The bodies of the signature API as values (posten-arqsign 1.5, 1.11). No I/O and no judgement: mapping.hpp says what
/// they mean.
namespace signwatch::posten {

struct WireSigner {
    Sensitive identity;  ///< "pin:...", "contact:<e-mail>|<sms>" or "custom:..."; empty if the body names nobody
    std::string status;  ///< upper case; may be a word we do not know
    std::string since;   ///< as it stands; may be empty
    Sensitive xades_url;
};

struct WireUpdate {
    Flow flow = Flow::portal;
    std::int64_t job_id = 0;
    std::string reference;  ///< at most 50 characters
    std::string job_status;
    std::vector<WireSigner> signers;
    Sensitive confirmation_url;
    Sensitive pades_url;
};

/// Reads a status update of either flow, told apart by the root element. Unknown elements and attributes are skipped.
/// Throws Error(integrity) with a code of guard_xml or: xml_root, error_body, xml_field (missing, empty, too long or no
/// number), xml_duplicate, signer_count, xades_unmatched (a XAdES that belongs to no signer).
WireUpdate parse_update(std::string_view body);

/// The error-code of an <error> body; nullopt if the body is anything else.
std::optional<std::string> parse_error_code(std::string_view body);

}  // namespace signwatch::posten
