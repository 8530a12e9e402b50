#pragma once

#include <optional>
#include <string>

#include "tests/simulator/adobe/hooks.hpp"
#include "tests/simulator/adobe/json.hpp"

namespace signwatch::simulator::adobe {

/// Where and how a notification says what was left out of it: the notes know of four ways.
enum class TrimForm { strings, objects, strings_on_top, objects_on_top };

/// How a notification differs from what the guide shows.
struct NotificationForm {
    bool upper_case = false;     ///< "AGREEMENT" instead of "agreement"
    bool unknown_event = false;  ///< an event of the future
    std::optional<TrimForm> trimmed{};
    std::string signed_document{};   ///< base64 of the PDF, in completions; empty: none
    std::size_t pad_to = 0;          ///< its body becomes about that long
    std::size_t limit = 10'000'000;  ///< a longer body is trimmed
};

/// The body of a notification, about the agreement as it was at the time of the event.
std::string notification_body(const Webhook& webhook,
                              const Notification& notification,
                              const Calendar& calendar,
                              const NotificationForm& form);

}  // namespace signwatch::simulator::adobe
