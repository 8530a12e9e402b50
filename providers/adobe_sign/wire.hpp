#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/sensitive.hpp"
#include "core/domain/time.hpp"
#include "core/json/value.hpp"

/// What Adobe's bodies say of one agreement (adobe-signhub 1.3), before any of it is given a meaning. All but the id
/// and the status may be absent, members we do not know are left alone. Pure functions; they throw Error(integrity)
/// with the codes of core/json/value.hpp, "json_field", and "signer_count" for more participants than anybody has.
namespace signwatch::adobe_sign {

struct WireAgreement {
    std::string id;
    std::string status;     ///< upper case, cleaned, at most 64 characters
    std::string reference;  ///< externalId
    std::optional<WallTime> last_event_at;
};

struct WireMember {
    std::string id;
    Sensitive email;
    bool replaced = false;
};

/// Those of whom one has to act.
struct WireSet {
    std::string id;
    int order = 0;  ///< sets of the same order act side by side; 0: not said
    std::string role;
    std::string status;  ///< cleaned like an agreement's
    std::vector<WireMember> members;
};

/// There is no event id, and the kinds are an open list.
struct WireEvent {
    std::string type;
    std::optional<WallTime> date;
    std::string participant;  ///< id of the member that it is about
};

WireAgreement parse_agreement(std::string_view body);
std::vector<WireSet> parse_members(std::string_view body);
std::vector<WireEvent> parse_events(std::string_view body);

/// A date as Adobe writes it: seconds or fractions of them, "Z", "+hh:mm" or "+hhmm"; one without a zone is UTC.
std::optional<WallTime> parse_date(std::string_view text);

/// A word of theirs: upper case, at most 64 characters, anything but letters, digits and "_" as "_".
std::string clean_word(std::string_view text);

/// A text of at most 1000 characters, trimmed. Throws Error(integrity, "json_field") for a longer one.
std::string bounded_text(const json::Value& value);

/// externalId as a text or as an object with an id; empty if there is none, or it is longer than 255 characters.
std::string reference_in(const json::Value& external_id);

}  // namespace signwatch::adobe_sign
