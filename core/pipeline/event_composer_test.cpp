#include "core/pipeline/event_composer.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/fakes/event_schema.hpp"

namespace signwatch::pipeline {
namespace {

using nlohmann::json;
using signwatch::testing::event_mistakes;

constexpr WallTime observed_at = from_unix_ms(1'772'618'531'120);

StatusUpdate completed_update() {
    StatusUpdate update;
    update.account = "acme";
    update.process_id = "12087";
    update.reference = "LOAN-7";
    update.state = ProcessState::completed;
    update.provider_status = "COMPLETED_SUCCESSFULLY";
    update.participants.push_back({"kq3xsgbf2a", 1, ParticipantState::completed, "SIGNED", observed_at});
    update.participants.push_back({"m2zvyqot4e", 2, ParticipantState::unknown, "HYPNOTISED", std::nullopt});
    update.acknowledge_at = Sensitive("https://provider.example/confirm/12087");
    update.raw = "<secret>01017012345</secret>";
    return update;
}

StoredDocument pades() {
    StoredDocument document;
    document.digest.sha256 = std::string(64, 'a');
    document.digest.size = 203'114;
    document.media_type = "application/pdf";
    document.uri = "file:///var/lib/signwatch/documents/objects/aa/" + document.digest.sha256;
    document.verification = "1 signature, covers all 203114 bytes";
    document.stored_at = observed_at;
    return document;
}

EventContext context_at(std::uint64_t sequence) {
    EventContext context;
    context.sequence = sequence;
    context.previous_state = ProcessState::in_progress;
    context.correlation_id = "LOAN-7";
    context.now = observed_at;
    return context;
}

TEST(EventComposer, every_state_gives_a_valid_event) {
    for (const ProcessState state : {ProcessState::created,
                                     ProcessState::in_progress,
                                     ProcessState::completed,
                                     ProcessState::rejected,
                                     ProcessState::cancelled,
                                     ProcessState::expired,
                                     ProcessState::failed,
                                     ProcessState::unknown}) {
        StatusUpdate update = completed_update();
        update.state = state;
        if (state == ProcessState::rejected) update.reason = Reason{"declined-by-participant", "kq3xsgbf2a"};
        const EventMessage message = compose_status_event(update, {pades()}, observed_at, context_at(4));
        EXPECT_EQ(event_mistakes(message.json), "") << message.json;
        EXPECT_EQ(message.type, event_type(state));
    }
}

TEST(EventComposer, first_event_without_correlation_is_valid) {
    EventContext context;
    context.sequence = 1;
    context.first = true;
    const EventMessage message = compose_status_event(completed_update(), {}, observed_at, context);
    EXPECT_EQ(event_mistakes(message.json), "");
    EXPECT_TRUE(json::parse(message.json)["data"]["previousStatus"].is_null());
    EXPECT_FALSE(json::parse(message.json).contains("correlationid"));
}

TEST(EventComposer, the_schema_refuses_what_the_contract_forbids) {
    json event = json::parse(compose_status_event(completed_update(), {pades()}, observed_at, context_at(4)).json);
    event["data"]["signerName"] = "Kari";
    EXPECT_NE(event_mistakes(event.dump()), "");
    EXPECT_NE(event_mistakes("{}"), "");
}

TEST(EventComposer, same_change_same_id_and_another_change_another) {
    const EventMessage first = compose_status_event(completed_update(), {pades()}, observed_at, context_at(4));
    const EventMessage again = compose_status_event(completed_update(), {pades()}, observed_at, context_at(4));
    const EventMessage later = compose_status_event(completed_update(), {pades()}, observed_at, context_at(5));
    EXPECT_EQ(first.json, again.json);
    EXPECT_NE(first.id, later.id);
}

TEST(EventComposer, carries_neither_the_raw_body_nor_provider_urls) {
    const EventMessage message = compose_status_event(completed_update(), {pades()}, observed_at, context_at(4));
    EXPECT_EQ(message.json.find("01017012345"), std::string::npos);
    EXPECT_EQ(message.json.find("provider.example"), std::string::npos);
}

TEST(EventComposer, an_unknown_signer_status_is_carried_raw) {
    const json event = json::parse(compose_status_event(completed_update(), {}, observed_at, context_at(1)).json);
    EXPECT_EQ(event["data"]["participants"][1]["status"], "unknown");
    EXPECT_EQ(event["data"]["participants"][1]["providerStatus"], "HYPNOTISED");
}

TEST(EventComposer, a_parked_completion_does_not_look_completed) {
    const EventMessage message = compose_parked_event(completed_update(), "pdf_html", observed_at, context_at(2));
    const json event = json::parse(message.json);
    EXPECT_EQ(event_mistakes(message.json), "");
    EXPECT_EQ(message.type, "io.signwatch.signature.attention.v1");
    EXPECT_EQ(event["data"]["status"], "unknown");
    EXPECT_FALSE(event["data"]["terminal"].get<bool>());
}

TEST(EventComposer, bytes_that_are_not_utf8_cost_no_event) {
    StatusUpdate update = completed_update();
    update.reference = "bad \xff byte";
    EXPECT_EQ(event_mistakes(compose_status_event(update, {}, observed_at, context_at(1)).json), "");
}

}  // namespace
}  // namespace signwatch::pipeline
