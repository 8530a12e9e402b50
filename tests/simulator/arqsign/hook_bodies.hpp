#pragma once

#include <string>

#include "tests/simulator/arqsign/bodies.hpp"
#include "tests/simulator/arqsign/hooks.hpp"

namespace signwatch::simulator {

/// How a notification differs from the requests that were seen: PascalCase, the fields since January 2025.
struct ArqSignHookForm {
    bool camel_case = false;
    bool old_fields = false;  ///< "Status" instead of "StatusProcesso" and "IdStatusProcesso"
    bool no_id_evento = false;
    bool minimal = false;     ///< what is always there, and nothing else
    ArqSignForm answers{};    ///< dates, links and language, as in the answers of the API
    std::string local_now{};  ///< "14/02/2025 18:22:41"
};

/// The body of a notification. With documents as base64, the files of the process must have been made.
std::string arqsign_notification(const ArqSignHook& hook,
                                 const std::string& account,
                                 const ArqSignDelivery& delivery,
                                 const ArqSignHookForm& form);

/// Base64( HMAC-SHA256( key as text, body ) ), or in hexadecimal.
std::string arqsign_hmac(const std::string& key, const std::string& body, bool hex = false);

/// "14/02/2025 18:22:41" of a wall time.
std::string brazilian_time(microseconds wall);

}  // namespace signwatch::simulator
