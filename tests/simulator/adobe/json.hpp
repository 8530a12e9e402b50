#pragma once

#include <nlohmann/json.hpp>

#include "tests/simulator/adobe/world.hpp"

namespace signwatch::simulator::adobe {

using nlohmann::ordered_json;

/// How bodies differ from what the guide shows.
struct BodyForm {
    DateForm dates = DateForm::zulu;
    bool aborted = false;          ///< the other name of CANCELLED
    bool unknown_status = false;   ///< a status that is in no table
    bool events_reversed = false;  ///< the newest event first
};

/// What is written about an agreement: it, its state, when that was, and in which form.
struct Told {
    const Agreement& agreement;
    const AgreementState& state;
    const Calendar& calendar;
    const BodyForm& form;
};

/// The bodies of adobe 1.3, #2 to #5.
ordered_json agreement_body(const Told& told);
ordered_json members_body(const Told& told);
ordered_json events_body(const Told& told);
ordered_json documents_body(const Told& told);
/// What it says of itself: "SIGNED".
std::string_view status_word(const AgreementState& state, const BodyForm& form);
/// One line of GET /agreements, whose status depends on who asks, and one of POST /search.
ordered_json list_item(const Told& told);
ordered_json search_item(const Told& told);
/// One set of participants: `hook` as in a notification, where it has more members.
ordered_json participant_set(const Told& told, int participant, bool hook);
/// What participants have filled in, as CSV.
std::string form_data(const Told& told);

/// {"code":...,"message":...}
ordered_json error_body(std::string_view code);

}  // namespace signwatch::simulator::adobe
