#include "tests/simulator/adobe/json.hpp"

#include <algorithm>

namespace signwatch::simulator::adobe {
namespace {

constexpr const char* group_id = "CBJCHBCAABAAgroup";

std::string date_of(const Told& told, microseconds at) {
    return adobe_date(told.calendar.wall_at(at), told.form.dates);
}

std::string set_id_of(const Agreement& agreement, int participant) {
    return "CBJCHBCAABAAset" + std::to_string(agreement.number) + "-" + std::to_string(participant + 1);
}

std::string version_id(const Agreement& agreement, int version) {
    return "CBJCHBCAABAAver" + std::to_string(agreement.number) + "-" + std::to_string(version);
}

ordered_json event_body(const Told& told, const AgreementEvent& event) {
    const Agreement& agreement = told.agreement;
    const std::string email =
        event.participant < 0 ? std::string(sender_email) : email_of(agreement, event.participant);
    ordered_json body;
    body["type"] = event.type;
    body["date"] = date_of(told, event.at);
    body["actingUserEmail"] = event.by_sender ? std::string(sender_email) : email;
    body["actingUserIpAddress"] = "198.51.100.7";
    body["participantEmail"] = email;
    body["participantId"] = participant_id_of(agreement, event.participant);
    body["participantRole"] = event.by_sender ? "SENDER" : role_of(agreement.plan.ending);
    body["description"] = "simulated";
    body["versionId"] = version_id(agreement, event.version);
    if (!event.comment.empty()) body["comment"] = event.comment;
    return body;
}

ordered_json only(ordered_json element) {
    ordered_json list = ordered_json::array();
    list.push_back(std::move(element));
    return list;
}

int participants(const Told& told) {
    return static_cast<int>(told.agreement.plan.acts.size());
}

}  // namespace

std::string_view status_word(const AgreementState& state, const BodyForm& form) {
    if (form.unknown_status) return "UNDER_LEGAL_HOLD";
    return form.aborted && state.status == "CANCELLED" ? "ABORTED" : state.status;
}

ordered_json agreement_body(const Told& told) {
    const Agreement& agreement = told.agreement;
    ordered_json body;
    body["id"] = agreement.id;
    body["name"] = agreement.name;
    body["groupId"] = group_id;
    body["type"] = "AGREEMENT";
    body["participantSetsInfo"] = ordered_json::array();
    for (int i = 0; i < participants(told); ++i) {
        ordered_json set;
        set["id"] = set_id_of(agreement, i);
        set["memberInfos"] = only({{"id", participant_id_of(agreement, i)},
                                   {"email", email_of(agreement, i)},
                                   {"securityOption", {{"authenticationMethod", "PHONE"}}}});
        set["role"] = role_of(agreement.plan.ending);
        set["order"] = i + 1;
        body["participantSetsInfo"].push_back(std::move(set));
    }
    body["senderEmail"] = sender_email;
    body["createdDate"] = date_of(told, agreement.plan.created);
    body["lastEventDate"] = date_of(told, told.state.last_change());
    body["expirationTime"] = adobe_date(agreement.expires_wall, told.form.dates);
    body["externalId"] = {{"id", agreement.external_id}};
    body["signatureType"] = "ESIGN";
    body["locale"] = "tr_TR";
    body["status"] = status_word(told.state, told.form);
    body["documentVisibilityEnabled"] = false;
    body["hasFormFieldData"] = agreement.form;
    return body;
}

ordered_json participant_set(const Told& told, int participant, bool hook) {
    const Agreement& agreement = told.agreement;
    ordered_json member;
    member["id"] = participant_id_of(agreement, participant);
    member["email"] = email_of(agreement, participant);
    member["name"] = full_name_of(agreement, participant);
    member["company"] = "";
    if (hook) member["userId"] = "CBJCHBCAABAAuser" + std::to_string(participant + 1);
    if (!hook) member["self"] = false;
    member["status"] = "ACTIVE";
    member["securityOption"] = {{"authenticationMethod", "PHONE"}};
    ordered_json set;
    set["id"] = set_id_of(agreement, participant);
    set["memberInfos"] = only(std::move(member));
    set["role"] = role_of(agreement.plan.ending);
    set["order"] = participant + 1;
    set["status"] = told.state.participants[static_cast<std::size_t>(participant)];
    return set;
}

ordered_json members_body(const Told& told) {
    ordered_json body;
    body["senderInfo"] = {{"email", sender_email},
                          {"name", "Entegrasyon"},
                          {"company", "Bank"},
                          {"participantId", participant_id_of(told.agreement, -1)},
                          {"self", true}};
    body["participantSets"] = ordered_json::array();
    for (int i = 0; i < participants(told); ++i)
        body["participantSets"].push_back(participant_set(told, i, false));
    for (const char* name : {"nextParticipantSets", "ccsInfo", "sharesInfo"})
        body[name] = ordered_json::array();
    return body;
}

ordered_json events_body(const Told& told) {
    ordered_json events = ordered_json::array();
    for (const AgreementEvent& event : told.state.events) {
        if (!event.type.empty()) events.push_back(event_body(told, event));
    }
    for (int i = 0; i < told.agreement.downloaded_events; ++i) {
        AgreementEvent event = told.state.events.back();
        event.type = "DOWNLOADED";
        event.comment = "";
        event.by_sender = true;
        events.push_back(event_body(told, event));
    }
    if (told.form.events_reversed) std::reverse(events.begin(), events.end());
    return {{"events", std::move(events)}};
}

ordered_json documents_body(const Told& told) {
    ordered_json body;
    body["documents"] = only({{"id", "3AAAdoc" + std::to_string(told.agreement.number)},
                              {"label", ""},
                              {"mimeType", "application/pdf"},
                              {"name", "kredi-sozlesmesi.pdf"},
                              {"numPages", 1}});
    body["supportingDocuments"] = ordered_json::array();
    return body;
}

// For every third agreement the caller is somebody else than whom it waits for, and the word differs.
ordered_json list_item(const Told& told) {
    const Agreement& agreement = told.agreement;
    std::string_view status = status_word(told.state, told.form);
    if (!told.state.ended && agreement.number % 3 == 0) status = "WAITING_FOR_MY_SIGNATURE";
    ordered_json body;
    body["displayDate"] = date_of(told, told.state.last_change());
    ordered_json member{{"company", ""}, {"email", email_of(agreement, 0)}, {"fullName", full_name_of(agreement, 0)}};
    body["displayParticipantSetInfos"] =
        only({{"displayUserSetMemberInfos", only(std::move(member))}, {"displayUserSetName", ""}});
    body["id"] = agreement.id;
    body["esign"] = true;
    body["hidden"] = false;
    body["latestVersionId"] = version_id(agreement, told.state.events.back().version);
    body["name"] = agreement.name;
    body["status"] = status;
    body["type"] = "AGREEMENT";
    return body;
}

ordered_json search_item(const Told& told) {
    const Agreement& agreement = told.agreement;
    ordered_json body;
    body["id"] = agreement.id;
    body["name"] = agreement.name;
    body["type"] = "AGREEMENT";
    body["subTypes"] = ordered_json::array();
    body["status"] = status_word(told.state, told.form);
    body["role"] = only("SENDER");
    body["hidden"] = false;
    body["groupId"] = group_id;
    body["userId"] = "CBJCHBCAABAAuserSender";
    body["parentId"] = nullptr;
    body["externalId"] = agreement.external_id;
    body["workflowId"] = nullptr;
    body["createdDate"] = date_of(told, agreement.plan.created);
    body["modifiedDate"] = date_of(told, told.state.last_change());
    body["expirationDate"] = adobe_date(agreement.expires_wall, told.form.dates);
    body["participantList"] = ordered_json::array();
    for (int i = 0; i < participants(told); ++i) {
        body["participantList"].push_back({{"id", participant_id_of(agreement, i)},
                                           {"email", email_of(agreement, i)},
                                           {"role", only(role_of(agreement.plan.ending))}});
    }
    return body;
}

std::string form_data(const Told& told) {
    std::string csv = "\"completed\",\"email\",\"role\",\"agreementId\",\"musteri_no\"\r\n";
    if (!told.agreement.form) return csv;
    for (int i = 0; i < participants(told); ++i) {
        const microseconds acts = told.agreement.plan.acts[static_cast<std::size_t>(i)];
        if (told.state.participants[static_cast<std::size_t>(i)] != "COMPLETED") continue;
        csv += "\"" + date_of(told, acts) + "\",\"" + email_of(told.agreement, i) + "\",\"" +
               std::string(role_of(told.agreement.plan.ending)) + "\",\"" + told.agreement.id + "\",\"" +
               std::to_string(10'000'000 + told.agreement.number) + "\"\r\n";
    }
    return csv;
}

ordered_json error_body(std::string_view code) {
    return {{"code", code}, {"message", "simulated"}};
}

}  // namespace signwatch::simulator::adobe
