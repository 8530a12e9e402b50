#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// Bodies of webhooks -> values (posten-arqsign 2.12). Pure functions.
namespace signwatch::arqsign {

/// What a webhook may be about; the numbers are those of `gatilhos` and `idEvento`.
enum class Trigger {
    unknown = 0,
    sent = 1,
    not_sent = 2,
    signed_by_one = 3,
    refused = 4,
    cancelled = 5,
    expired = 6,
    sent_again = 7,
    concluded = 8,
};

/// What every notification carries; the rest of it is not looked at, since it is not believed.
struct WireNotification {
    std::string process_id;  ///< is_process_id
    std::string webhook_id;  ///< lower case; empty: it names none
    std::string account_id;  ///< lower case; empty: it names none
    Trigger trigger = Trigger::unknown;
};

/// Names in either case, old and new fields. At most `max_body` bytes. Throws Error(integrity) with the codes of
/// core/json/value.hpp, and "arqsign_shape" if it is no object or names no process.
WireNotification parse_notification(std::string_view body, std::size_t max_body);

/// Whether it says that the process is over.
bool ends(Trigger trigger);

/// From the number if it is one of the eight, else from the words of `evento`.
Trigger trigger_of(std::int64_t number, std::string_view event);

}  // namespace signwatch::arqsign
