#include "providers/signhub/mapping.hpp"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/domain/names.hpp"
#include "providers/signhub/test_support.hpp"

namespace signwatch::signhub {
namespace {

using testing::fixture;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::status_body;

StatusUpdate mapped(const std::string& body, const ReadingRules& rules = testing::rules()) {
    return to_status_update(parse_flow(body), "7001", rules, testing::pseudonymise());
}

TEST(SignhubMapping, a_finished_flow_is_completed_and_has_a_document) {
    const StatusUpdate update = mapped(fixture("finished.json"));
    EXPECT_EQ(update.provider, ProviderKind::signhub);
    EXPECT_EQ(update.account, "acme");
    EXPECT_EQ(update.process_id, "7001");
    EXPECT_EQ(update.state, ProcessState::completed);
    EXPECT_EQ(update.provider_status, "Finished");
    EXPECT_TRUE(update.ends_watch);
    EXPECT_FALSE(update.incomplete);
    EXPECT_FALSE(update.hold);
    EXPECT_TRUE(update.acknowledge_at.empty());
    EXPECT_FALSE(update.reason);
    ASSERT_EQ(update.documents.size(), 1U);
    EXPECT_EQ(update.documents[0].kind, DocumentKind::signed_pdf);
    EXPECT_EQ(update.documents[0].participant, 0);
    EXPECT_EQ(update.documents[0].locator.reveal(), "flow/7001");
    EXPECT_EQ(to_rfc3339(update.changed_at.value()), "2026-03-04T10:02:09.550Z");
    ASSERT_EQ(update.participants.size(), 2U);
    EXPECT_EQ(update.participants[0].state, ParticipantState::completed);
    EXPECT_EQ(update.participants[0].provider_status, "Finished");
    EXPECT_EQ(to_rfc3339(update.participants[0].acted_at.value()), "2026-03-04T09:01:44.000Z");
    EXPECT_NE(update.participants[0].ref, update.participants[1].ref);
    EXPECT_THAT(update.participants[0].ref, Not(HasSubstr("41001")));
    EXPECT_THAT(update.fingerprint, ::testing::MatchesRegex("[0-9a-f]{64}"));
}

TEST(SignhubMapping, the_same_in_every_spelling_has_the_same_fingerprint) {
    const std::string print = mapped(fixture("finished.json")).fingerprint;
    for (const char* name :
         {"finished-pascal-case.json", "finished-no-envelope-texts-no-offset.json", "finished-enum-names.json"}) {
        const StatusUpdate update = mapped(fixture(name));
        EXPECT_EQ(update.fingerprint, print) << name;
        EXPECT_EQ(update.state, ProcessState::completed) << name;
        EXPECT_EQ(update.participants[1].acted_at, mapped(fixture("finished.json")).participants[1].acted_at) << name;
    }
}

TEST(SignhubMapping, every_change_that_counts_changes_the_fingerprint) {
    const std::string signed_at = R"(,"signedDate":"2026-03-04T12:01:44")";
    std::set<std::string> prints{
        mapped(status_body("1", "1")).fingerprint,
        mapped(status_body("2", "1")).fingerprint,
        mapped(status_body("3", "1")).fingerprint,
        mapped(status_body("3", "10")).fingerprint,
        mapped(status_body("3", "20")).fingerprint,
        mapped(status_body("3", "40", signed_at)).fingerprint,
        mapped(status_body("3", "40", R"(,"signedDate":"2026-03-04T12:01:45")")).fingerprint,
        mapped(status_body("4", "30")).fingerprint,
        mapped(status_body("4", "40", signed_at)).fingerprint,
        mapped(status_body("99", "40", signed_at)).fingerprint,
        mapped(status_body("\"Suspended\"", "40", signed_at)).fingerprint,
    };
    EXPECT_EQ(prints.size(), 11U);
    EXPECT_EQ(prints.count(
                  mapped(status_body("3", "10", R"(,"waitDurationString":"4 saat","isMobileSign":true)")).fingerprint),
              1U)
        << "what is volatile or not ours";
}

TEST(SignhubMapping, every_documented_status) {
    const std::tuple<int, ProcessState, const char*> rows[] = {
        {1, ProcessState::created, "Created"},
        {2, ProcessState::created, "Draft"},
        {3, ProcessState::in_progress, "Running"},
        {4, ProcessState::completed, "Finished"},
        {5, ProcessState::cancelled, "Cancelled"},
        {6, ProcessState::rejected, "FinishedWithDecline"},
        {7, ProcessState::unknown, "7"},
        {99, ProcessState::unknown, "99"},
    };
    for (const auto& [status, state, word] : rows) {
        const StatusUpdate update = mapped(status_body(std::to_string(status), "40"));
        EXPECT_EQ(update.state, state) << status;
        EXPECT_EQ(update.provider_status, word);
        EXPECT_EQ(update.ends_watch, is_terminal(state)) << status;
        EXPECT_EQ(update.documents.empty(), state != ProcessState::completed) << status;
    }
    EXPECT_EQ(mapped(status_body("\"Askıda!\"", "40")).provider_status, "Ask__da_");
    EXPECT_EQ(mapped(status_body("\"Askıda!\"", "40")).state, ProcessState::unknown);
}

TEST(SignhubMapping, every_documented_item_status) {
    const std::tuple<int, ParticipantState, const char*> rows[] = {
        {1, ParticipantState::waiting, "Default"},
        {10, ParticipantState::waiting, "Waiting"},
        {20, ParticipantState::waiting, "OpenedPortal"},
        {30, ParticipantState::waiting, "ReadDocument"},
        {40, ParticipantState::completed, "Finished"},
        {50, ParticipantState::rejected, "Declined"},
        {60, ParticipantState::superseded, "Passed"},
        {35, ParticipantState::unknown, "35"},
    };
    for (const auto& [status, state, word] : rows) {
        const auto participant =
            mapped(status_body("3", std::to_string(status), R"(,"signedDate":"2026-03-04T12:01:44")"))
                .participants.at(0);
        EXPECT_EQ(participant.state, state) << status;
        EXPECT_EQ(participant.provider_status, word);
        const bool acted = state == ParticipantState::completed || state == ParticipantState::rejected;
        EXPECT_EQ(participant.acted_at.has_value(), acted) << status;
    }
}

TEST(SignhubMapping, finished_is_believed_only_if_all_signatures_say_so) {
    EXPECT_EQ(mapped(fixture("finished-passed-viewer.json")).state, ProcessState::completed);
    for (const std::string& body : {fixture("finished-disagrees.json"),
                                    status_body("4", "1"),
                                    status_body("4", "50"),
                                    status_body("4", "35"),
                                    status_body("4", "\"Unheard\""),
                                    std::string{R"({"flowId":7001,"status":4,"flowItems":[]})"},
                                    std::string{R"({"flowId":7001,"status":4,"flowItems":null})"}}) {
        const StatusUpdate update = mapped(body);
        EXPECT_EQ(update.state, ProcessState::in_progress) << body;
        EXPECT_EQ(update.provider_status, "Finished, items disagree");
        EXPECT_FALSE(update.ends_watch);
        EXPECT_THAT(update.documents, IsEmpty());
    }
    EXPECT_EQ(mapped(status_body("4", "10", R"(,"flowItemType":1)")).state, ProcessState::completed)
        << "an approval is no signature";
    EXPECT_EQ(mapped(status_body("5", "10")).state, ProcessState::cancelled) << "asked of finished flows alone";
}

TEST(SignhubMapping, says_why_a_flow_ended_otherwise) {
    const StatusUpdate cancelled = mapped(fixture("cancelled.json"));
    EXPECT_EQ(cancelled.reason.value().code, "cancelled-by-sender");
    EXPECT_EQ(cancelled.reason->participant_ref, "");
    EXPECT_TRUE(cancelled.ends_watch);
    const StatusUpdate declined = mapped(fixture("declined.json"));
    EXPECT_EQ(declined.state, ProcessState::rejected);
    EXPECT_EQ(declined.reason.value().code, "declined-by-participant");
    EXPECT_EQ(declined.reason->participant_ref, declined.participants[0].ref);
    EXPECT_EQ(declined.participants[1].state, ParticipantState::superseded);
    EXPECT_EQ(mapped(status_body("6", "40")).reason.value().participant_ref, "");
}

TEST(SignhubMapping, the_configuration_may_say_otherwise) {
    ReadingRules rules = testing::rules();
    EXPECT_EQ(rules.states.set("99=in_progress"), "");
    EXPECT_EQ(rules.states.set(" Draft = in_progress"), "");
    EXPECT_EQ(rules.states.set("8=expired"), "");
    EXPECT_EQ(rules.states.set("9=completed"), "");
    EXPECT_EQ(mapped(status_body("99", "10"), rules).state, ProcessState::in_progress);
    EXPECT_EQ(mapped(status_body("2", "10"), rules).state, ProcessState::in_progress);
    EXPECT_EQ(mapped(status_body("8", "10"), rules).reason.value().code, "deadline-passed");
    EXPECT_EQ(mapped(status_body("9", "40"), rules).state, ProcessState::completed);
    EXPECT_EQ(mapped(status_body("9", "10"), rules).state, ProcessState::in_progress);
    for (const char* line : {"", "99", "=created", "neu=created", "99=done", "99="})
        EXPECT_NE(rules.states.set(line), "") << line;
}

TEST(SignhubMapping, reads_dates_with_every_fraction_and_without_an_offset) {
    const std::string whole = "2026-03-04T12:01:44";
    EXPECT_EQ(to_rfc3339(parse_date(whole, "+03:00").value()), "2026-03-04T09:01:44.000Z");
    EXPECT_EQ(to_rfc3339(parse_date(whole, "+00:00").value()), "2026-03-04T12:01:44.000Z");
    EXPECT_EQ(to_rfc3339(parse_date(whole + "Z", "+03:00").value()), "2026-03-04T12:01:44.000Z");
    EXPECT_EQ(to_rfc3339(parse_date(whole + "-05:30", "+03:00").value()), "2026-03-04T17:31:44.000Z");
    std::string fraction = ".";
    for (int digits = 1; digits <= 9; ++digits) {
        fraction += "0";
        for (const char* offset : {"", "+03:00"})
            EXPECT_EQ(parse_date(whole + fraction + offset, "+03:00"), parse_date(whole, "+03:00")) << fraction;
    }
    EXPECT_EQ(to_rfc3339(parse_date(whole + ".5500000", "+03:00").value()), "2026-03-04T09:01:44.550Z");
    for (const char* none : {"", "0001-01-01T00:00:00", "04.03.2026 12:01", "soon", "2026-13-01T00:00:00"})
        EXPECT_EQ(parse_date(none, "+03:00"), std::nullopt) << none;
}

TEST(SignhubMapping, participants_are_told_apart_without_ids) {
    const std::string body =
        R"({"status":3,"flowItems":[{"status":1},{"status":1},{"eMail":"a@b.example","status":1,"orderNo":9},)"
        R"({"eMail":"a@b.example","status":1,"orderNo":-4},{"id":5,"status":1,"orderNo":99999999999}]})";
    const StatusUpdate update = mapped(body);
    std::set<std::string> refs;
    std::vector<int> orders;
    for (const Participant& participant : update.participants) {
        refs.insert(participant.ref);
        orders.push_back(participant.order);
    }
    EXPECT_EQ(refs.size(), 5U);
    EXPECT_THAT(orders, ::testing::ElementsAre(1, 2, 9, 4, 5));
}

}  // namespace
}  // namespace signwatch::signhub
