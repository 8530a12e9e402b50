#include "tests/simulator/adobe/notification.hpp"

#include <utility>
#include <vector>

namespace signwatch::simulator::adobe {
namespace {

/// What of an agreement is in a notification.
struct Blocks {
    bool detailed;
    bool participants;
    bool documents;
    bool signed_document;
};

void add_head(ordered_json& body, const Webhook& webhook, const Notification& notification, const Calendar& calendar) {
    body["webhookId"] = webhook.id;
    body["webhookName"] = webhook.spec.name;
    body["webhookNotificationId"] = notification.id;
    body["webhookUrlInfo"] = {{"url", webhook.spec.url}};
    body["webhookScope"] = webhook.spec.agreement.empty() ? "ACCOUNT" : "RESOURCE";
    body["accountId"] = "CBJCHBCAABAAaccount";
    body["event"] = notification.event.hook;
    if (!notification.event.sub_event.empty()) body["subEvent"] = notification.event.sub_event;
    body["eventDate"] = adobe_date(calendar.wall_at(notification.event.at));
    body["eventResourceType"] = "agreement";
}

void add_persons(ordered_json& body, const Notification& notification) {
    const AgreementEvent& event = notification.event;
    const Agreement& agreement = *notification.agreement;
    const std::string email =
        event.participant < 0 ? std::string(sender_email) : email_of(agreement, event.participant);
    const std::string user = "CBJCHBCAABAAuser" + std::to_string(event.participant + 1);
    body["participantUserId"] = user;
    body["participantUserEmail"] = email;
    body["actingUserId"] = event.by_sender ? "CBJCHBCAABAAuser0" : user;
    body["actingUserEmail"] = event.by_sender ? std::string(sender_email) : email;
    body["actingUserIpAddress"] = "198.51.100.7";
    body["initiatingUserId"] = "CBJCHBCAABAAuser0";
    body["initiatingUserEmail"] = sender_email;
    if (event.participant >= 0) body["participantRole"] = role_of(agreement.plan.ending);
    if (event.type == "ACTION_COMPLETED") body["actionType"] = "ESIGNED";
    if (!event.comment.empty())
        body["agreementCancellationInfo"] = {{"comment", event.comment}, {"notifyOthers", true}};
}

ordered_json agreement_of(const Told& told, const Blocks& blocks, const std::string& document) {
    const Agreement& agreement = told.agreement;
    ordered_json body;
    body["id"] = agreement.id;
    body["name"] = agreement.name;
    if (blocks.detailed) body["signatureType"] = "ESIGN";
    body["status"] = told.state.status;
    if (blocks.detailed) {
        body["documentVisibilityEnabled"] = false;
        body["createdDate"] = adobe_date(told.calendar.wall_at(agreement.plan.created));
        body["expirationTime"] = adobe_date(agreement.expires_wall);
        body["externalId"] = {{"id", agreement.external_id}};
        body["locale"] = "tr_TR";
        body["message"] = "Lütfen imzalayınız";
        body["senderEmail"] = sender_email;
        body["createdGroupId"] = "CBJCHBCAABAAgroup";
    }
    if (blocks.participants) {
        ordered_json sets = ordered_json::array();
        for (int i = 0; i < static_cast<int>(agreement.plan.acts.size()); ++i)
            sets.push_back(participant_set(told, i, true));
        body["participantSetsInfo"] = {{"participantSets", std::move(sets)}};
    }
    if (blocks.documents) body["documentsInfo"] = documents_body(told);
    if (blocks.signed_document) body["signedDocumentInfo"] = {{"document", document}};
    return body;
}

void say_trimmed(ordered_json& body, const std::vector<std::string_view>& names, TrimForm form) {
    const bool objects = form == TrimForm::objects || form == TrimForm::objects_on_top;
    ordered_json list = ordered_json::array();
    for (const std::string_view name : names)
        list.push_back(objects ? ordered_json{{"conditionalParameter", name}} : ordered_json(name));
    const bool on_top = form == TrimForm::strings_on_top || form == TrimForm::objects_on_top;
    (on_top ? body : body["agreement"])["conditionalParametersTrimmed"] = std::move(list);
}

}  // namespace

std::string notification_body(const Webhook& webhook,
                              const Notification& notification,
                              const Calendar& calendar,
                              const NotificationForm& form) {
    const AgreementState state = state_at(notification.agreement->plan, notification.event.at);
    const BodyForm plain;
    const Told told{*notification.agreement, state, calendar, plain};
    const bool completion = notification.event.hook == "AGREEMENT_WORKFLOW_COMPLETED";
    Blocks blocks{webhook.spec.detailed,
                  webhook.spec.participants,
                  webhook.spec.documents,
                  completion && !form.signed_document.empty()};
    ordered_json body;
    add_head(body, webhook, notification, calendar);
    if (form.unknown_event) body["event"] = "AGREEMENT_MOVED_TO_ANOTHER_PLANET";
    if (form.upper_case) body["eventResourceType"] = "AGREEMENT";
    add_persons(body, notification);
    body["agreement"] = agreement_of(told, blocks, form.signed_document);
    // What is left out first (adobe 1.8); a form that is asked for leaves out the first two, whatever their size.
    const std::vector<std::pair<std::string_view, bool Blocks::*>> order{
        {"includeSignedDocuments", &Blocks::signed_document},
        {"includeParticipantsInfo", &Blocks::participants},
        {"includeDocumentsInfo", &Blocks::documents},
        {"includeDetailedInfo", &Blocks::detailed}};
    std::vector<std::string_view> left_out;
    std::string text = body.dump();
    for (std::size_t i = 0; i < order.size() && (text.size() > form.limit || (form.trimmed && i < 2)); ++i) {
        blocks.*order[i].second = false;
        left_out.push_back(order[i].first);
        body["agreement"] = agreement_of(told, blocks, form.signed_document);
        say_trimmed(body, left_out, form.trimmed.value_or(TrimForm::strings));
        text = body.dump();
    }
    if (form.pad_to > text.size() + 40) {
        body["agreement"]["signedDocumentInfo"] = {{"document", std::string(form.pad_to - text.size() - 40, 'A')}};
        text = body.dump();
    }
    return text;
}

}  // namespace signwatch::simulator::adobe
