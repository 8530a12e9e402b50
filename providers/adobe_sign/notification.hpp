#pragma once

#include <optional>
#include <string>
#include <string_view>

/// What the body of a webhook notification names (adobe-signhub 1.8): which notification it is, and which agreement it
/// is about. Read with all tolerance: any member may be absent, trimmed or of another type than documented, and events
/// are an open list. Pure functions.
namespace signwatch::adobe_sign {

struct Notification {
    std::string webhook_id;
    std::string notification_id;
    std::string account_id;
    std::string event;      ///< upper case, cleaned
    std::string sub_event;  ///< upper case, cleaned
    std::string event_date;
    std::string participant_user_id;
    std::string action_type;
    std::string agreement_id;  ///< empty: it is about something else
    std::string reference;
};

/// Throws Error(integrity) with the codes of core/json/value.hpp, and "json_field" for a body that is no object.
Notification parse_notification(std::string_view body);

/// The same for all repeats of a notification, and for those of several webhooks about one event: a SHA-256 of what
/// makes the event; of the notification's own ids where that is not told; else of the body.
std::string dedup_key_of(const Notification& notification, std::string_view body);

/// Whether the event can have changed what a look at the agreement shows. Only those known not to are left out: with
/// one look in ten minutes, a mail that was opened must not use it up.
bool is_worth_a_look(const Notification& notification);

/// A body is one of these plus headers, and Adobe's 10 MB may be 10 MiB.
constexpr std::size_t largest_notification = 12 << 20;

}  // namespace signwatch::adobe_sign
