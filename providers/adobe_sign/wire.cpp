#include "providers/adobe_sign/wire.hpp"

#include <algorithm>

#include "core/domain/error.hpp"
#include "core/json/folding.hpp"

namespace signwatch::adobe_sign {
namespace {

using json::Value;

constexpr std::size_t longest_text = 1'000;
constexpr std::size_t longest_reference = 255;
constexpr std::size_t longest_word = 64;
constexpr std::size_t most_participants = 500;
constexpr std::size_t most_events = 50'000;
constexpr int most_orders = 10'000;

[[noreturn]] void refuse(const char* what) {
    throw Error(ErrorKind::integrity, "json_field", what);
}

Value object_of(std::string_view body, const json::Limits& limits) {
    Value document = json::parse(body, limits);
    if (!document.is_object()) refuse("the body is no object");
    return document;
}

const std::vector<Value>& list_in(const Value& value, const char* what) {
    if (!value.is_null() && !value.is_list()) refuse(what);
    return value.items();
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

WireMember member_in(const Value& value) {
    if (!value.is_object()) refuse("a participant is no object");
    WireMember member;
    member.id = bounded_text(value["id"]);
    member.email = Sensitive{bounded_text(value["email"])};
    member.replaced = clean_word(value["status"].text_or_empty()) == "REPLACED";
    return member;
}

WireSet set_in(const Value& value) {
    if (!value.is_object()) refuse("a set of participants is no object");
    WireSet set;
    set.id = bounded_text(value["id"]);
    const auto order = value["order"].integer().value_or(0);
    set.order = order >= 1 && order <= most_orders ? static_cast<int>(order) : 0;
    set.role = clean_word(value["role"].text_or_empty());
    set.status = clean_word(value["status"].text_or_empty());
    for (const Value& member : list_in(value["memberinfos"], "the members of a set are no list"))
        set.members.push_back(member_in(member));
    return set;
}

}  // namespace

std::string clean_word(std::string_view text) {
    std::string word;
    for (const char c : json::trimmed(text).substr(0, longest_word)) {
        const bool small = c >= 'a' && c <= 'z';
        const bool plain = (c >= 'A' && c <= 'Z') || is_digit(c);
        word += small ? static_cast<char>(c - 'a' + 'A') : plain ? c : '_';
    }
    return word;
}

std::string bounded_text(const Value& value) {
    std::string text{json::trimmed(value.text_or_empty())};
    if (text.size() > longest_text) refuse("a text is too long");
    return text;
}

std::string reference_in(const Value& external_id) {
    const Value& inner = external_id.is_object() ? external_id["id"] : external_id;
    std::string text{json::trimmed(inner.text_or_empty())};
    return text.size() <= longest_reference ? text : std::string();
}

std::optional<WallTime> parse_date(std::string_view text) {
    const std::string_view date = json::trimmed(text);
    const std::size_t size = date.size();
    const bool zoned = size > 5 && (date[size - 5] == '+' || date[size - 5] == '-') && date.find('T') < size &&
                       std::ranges::all_of(date.substr(size - 4), is_digit);
    std::string spelled(date.substr(0, zoned ? size - 2 : size));
    if (zoned) spelled.append(1, ':').append(date.substr(size - 2));
    if (const auto time = parse_iso8601(spelled)) return time;
    return json::parse_utc(spelled);
}

WireAgreement parse_agreement(std::string_view body) {
    const Value document = object_of(body, {});
    WireAgreement agreement;
    agreement.id = bounded_text(document["id"]);
    agreement.status = clean_word(document["status"].text_or_empty());
    if (agreement.status.empty()) refuse("the agreement has no status");
    agreement.reference = reference_in(document["externalid"]);
    agreement.last_event_at = parse_date(document["lasteventdate"].text_or_empty());
    return agreement;
}

std::vector<WireSet> parse_members(std::string_view body) {
    const Value document = object_of(body, {});
    const Value& sets = document["participantsets"];
    if (sets.is_null()) refuse("the members have no participant sets");
    std::vector<WireSet> read;
    std::size_t count = 0;
    for (const Value& value : list_in(sets, "the participant sets are no list")) {
        read.push_back(set_in(value));
        count += std::max<std::size_t>(read.back().members.size(), 1);
        if (count > most_participants)
            throw Error(ErrorKind::integrity, "signer_count", "an agreement with more participants than anybody has");
    }
    return read;
}

std::vector<WireEvent> parse_events(std::string_view body) {
    json::Limits limits;
    limits.bytes = 16 << 20;
    limits.values = 2'000'000;
    const Value document = object_of(body, limits);
    const auto& events = list_in(document["events"], "the events are no list");
    if (events.size() > most_events) refuse("more events than anybody has");
    std::vector<WireEvent> read;
    for (const Value& value : events) {
        WireEvent event;
        event.type = clean_word(value["type"].text_or_empty());
        event.date = parse_date(value["date"].text_or_empty());
        event.participant = bounded_text(value["participantid"]);
        if (!event.type.empty()) read.push_back(std::move(event));
    }
    return read;
}

}  // namespace signwatch::adobe_sign
