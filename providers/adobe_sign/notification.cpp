#include "providers/adobe_sign/notification.hpp"

#include <algorithm>
#include <array>

#include "core/crypto/digest.hpp"
#include "core/domain/error.hpp"
#include "core/json/folding.hpp"
#include "core/json/value.hpp"
#include "providers/adobe_sign/wire.hpp"

namespace signwatch::adobe_sign {
namespace {

using json::Value;

constexpr std::size_t longest_text = 256;
constexpr std::array<std::string_view, 11> idle_events{"AGREEMENT_DOCUMENTS_VIEWED",
                                                       "AGREEMENT_DOCUMENTS_VIEWED_PASSWORD_PROTECTED",
                                                       "AGREEMENT_EMAIL_OTP_AUTHENTICATED",
                                                       "AGREEMENT_EMAIL_VIEWED",
                                                       "AGREEMENT_KBA_AUTHENTICATED",
                                                       "AGREEMENT_REMINDER_INITIATED",
                                                       "AGREEMENT_REMINDER_SENT",
                                                       "AGREEMENT_SHARED",
                                                       "AGREEMENT_UNSHARED",
                                                       "AGREEMENT_UNSHARED_AUTO",
                                                       "AGREEMENT_WEB_IDENTITY_AUTHENTICATED"};

// What is absurdly long counts as absent: a notification is never refused for one member.
std::string short_text(const Value& value) {
    std::string text{json::trimmed(value.text_or_empty())};
    return text.size() <= longest_text ? text : std::string();
}

void append_field(std::string& list, std::string_view field) {
    list += std::to_string(field.size()) + ":";
    list += field;
}

template <std::size_t count>
std::string hash_of(char level, const std::array<std::string_view, count>& fields) {
    std::string all(1, level);
    for (const std::string_view field : fields)
        append_field(all, field);
    return crypto::sha256_hex(all);
}

}  // namespace

Notification parse_notification(std::string_view body) {
    json::Limits limits;
    limits.bytes = largest_notification;
    const Value document = json::parse(body, limits);
    if (!document.is_object()) throw Error(ErrorKind::integrity, "json_field", "the notification is no object");
    Notification read;
    read.webhook_id = short_text(document["webhookid"]);
    read.notification_id = short_text(document["webhooknotificationid"]);
    read.account_id = short_text(document["accountid"]);
    read.event = clean_word(document["event"].text_or_empty());
    read.sub_event = clean_word(document["subevent"].text_or_empty());
    read.event_date = short_text(document["eventdate"]);
    read.participant_user_id = short_text(document["participantuserid"]);
    read.action_type = clean_word(document["actiontype"].text_or_empty());
    const Value& agreement = document["agreement"];
    read.agreement_id = short_text(agreement["id"]);
    read.reference = reference_in(agreement["externalid"]);
    return read;
}

std::string dedup_key_of(const Notification& read, std::string_view body) {
    if (!read.agreement_id.empty() && !read.event.empty() && !read.event_date.empty()) {
        return hash_of<7>('e',
                          {read.account_id,
                           read.agreement_id,
                           read.event,
                           read.sub_event,
                           read.event_date,
                           read.participant_user_id,
                           read.action_type});
    }
    if (!read.notification_id.empty()) return hash_of<2>('n', {read.webhook_id, read.notification_id});
    return hash_of<1>('b', {body});
}

bool is_worth_a_look(const Notification& read) {
    return !read.agreement_id.empty() && !std::ranges::binary_search(idle_events, std::string_view(read.event));
}

}  // namespace signwatch::adobe_sign
