#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/sensitive.hpp"
#include "core/domain/time.hpp"
#include "providers/arqsign/words.hpp"

/// Bodies -> values (posten-arqsign 2.4, 2.5, 2.10). Names are read in either case; all but the status may be absent.
/// Pure functions; they throw Error(integrity) with the codes of core/json/value.hpp and "arqsign_shape".
namespace signwatch::arqsign {

/// What status-do-processo says, and the head of the whole process.
struct WireStatus {
    Status status = Status::unknown;
    std::string word;      ///< the provider's, cleaned
    bool expired = false;  ///< as the provider says it
    std::optional<WallTime> concluded_at;
    std::optional<WallTime> cancelled_at;
    std::optional<WallTime> expires_at;
};

/// One who has to sign; those who only receive a copy are left out.
struct WireSigner {
    Sensitive identity;  ///< the id, else the e-mail address, else the phone number; may be empty
    bool has_signed = false;
    bool refused = false;
    bool unreachable = false;  ///< what was sent to them did not arrive
    std::optional<WallTime> signed_at;
};

/// One of documentos[], in the order of the answer; base64 contents have been taken out before.
struct WireDocument {
    Sensitive link;
    Sensitive record_link;
};

struct WireProcess {
    WireStatus status;
    std::vector<WireSigner> signers;
    std::vector<WireDocument> documents;
};

WireStatus parse_status(std::string_view body);
WireProcess parse_process(std::string_view body);

/// What the body of a refusal says, folded for comparing: a JSON text, the message of a JSON object, or the plain body.
/// Never throws.
std::string parse_refusal(std::string_view body);

}  // namespace signwatch::arqsign
