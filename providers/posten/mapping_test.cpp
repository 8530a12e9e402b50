#include "providers/posten/mapping.hpp"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "providers/posten/test_support.hpp"

namespace signwatch::posten {
namespace {

using testing::code_of;
using testing::direct_body;
using testing::fixture;
using testing::portal_body;
using testing::replaced;

StatusUpdate map(const std::string& body, const MappingRules& rules = {}, const std::string& target = "portal") {
    return to_status_update(parse_update(body), Origin{"acme", 3, target}, rules, testing::pseudonymise());
}

StatusUpdate map_failed(const std::vector<std::string>& statuses) {
    WireUpdate update;
    update.job_id = 7;
    update.job_status = "FAILED";
    update.confirmation_url = Sensitive{"https://h/c"};
    for (const std::string& status : statuses) {
        update.signers.push_back({Sensitive{"pin:" + std::to_string(update.signers.size())}, status, "", {}});
    }
    return to_status_update(update, Origin{"acme", 3, "portal"}, {}, testing::pseudonymise());
}

TEST(Mapping, every_signer_word_in_both_flows) {
    const std::pair<const char*, ParticipantState> words[] = {
        {"WAITING", ParticipantState::waiting},
        {"SIGNED", ParticipantState::completed},
        {"REJECTED", ParticipantState::rejected},
        {"EXPIRED", ParticipantState::expired},
        {"CANCELLED", ParticipantState::cancelled},
        {"RESERVED", ParticipantState::failed},
        {"CONTACT_INFORMATION_MISSING", ParticipantState::failed},
        {"BLOCKED", ParticipantState::failed},
        {"FAILED", ParticipantState::failed},
        {"SIGNERS_NAME_NOT_AVAILABLE", ParticipantState::failed},
        {"NOT_APPLICABLE", ParticipantState::superseded},
        {" signed\n", ParticipantState::completed},
        {"Rejected", ParticipantState::rejected},
        {"ASTRAL", ParticipantState::unknown},
        {"", ParticipantState::unknown},
    };
    for (const auto& [word, state] : words) {
        for (const std::string& body : {portal_body("IN_PROGRESS", word), direct_body("IN_PROGRESS", word)}) {
            const StatusUpdate update = map(body);
            ASSERT_EQ(update.participants.size(), 1U);
            EXPECT_EQ(update.participants[0].state, state) << word;
            EXPECT_EQ(update.state, ProcessState::in_progress);
            EXPECT_FALSE(update.hold);
            const bool final = state != ParticipantState::waiting && state != ParticipantState::unknown;
            EXPECT_EQ(update.participants[0].acted_at.has_value(), final) << word;
        }
    }
}

TEST(Mapping, every_job_word_in_both_flows) {
    for (const auto& body : {portal_body, direct_body}) {
        EXPECT_EQ(map(body("IN_PROGRESS", "WAITING", "")).state, ProcessState::in_progress);
        EXPECT_EQ(map(body("COMPLETED_SUCCESSFULLY", "SIGNED", "")).state, ProcessState::completed);
        EXPECT_EQ(map(body("FAILED", "REJECTED", "")).state, ProcessState::rejected);
        for (const char* word : {"PARTIALLY_COMPLETED", "completed_successfully", "Ferdig!"}) {
            const StatusUpdate update = map(body(word, "SIGNED", ""));
            EXPECT_EQ(update.state, ProcessState::unknown) << word;
            EXPECT_TRUE(update.hold);
            EXPECT_TRUE(update.documents.empty());
            EXPECT_FALSE(update.reason);
        }
    }
    EXPECT_EQ(map(portal_body("Ferdig!", "SIGNED")).provider_status, "Ferdig_");
}

TEST(Mapping, a_failed_job_is_told_apart_by_its_signers) {
    struct Row {
        std::vector<std::string> signers;
        ProcessState state;
        const char* reason;
        int participant;
    };
    const Row rows[] = {
        {{"SIGNED", "REJECTED", "NOT_APPLICABLE"}, ProcessState::rejected, "declined-by-participant", 2},
        {{"REJECTED", "REJECTED"}, ProcessState::rejected, "declined-by-participant", 0},
        {{"REJECTED", "CANCELLED", "EXPIRED"}, ProcessState::rejected, "declined-by-participant", 1},
        {{"CANCELLED", "EXPIRED"}, ProcessState::cancelled, "cancelled-by-sender", 0},
        {{"SIGNED", "EXPIRED"}, ProcessState::expired, "deadline-passed", 2},
        {{"BLOCKED", "NOT_APPLICABLE"}, ProcessState::failed, "authentication-attempts-exceeded", 1},
        {{"SIGNED", "FAILED"}, ProcessState::failed, "document-processing-failed", 2},
        {{"RESERVED"}, ProcessState::failed, "unspecified", 1},
        {{"CONTACT_INFORMATION_MISSING"}, ProcessState::failed, "unspecified", 1},
        {{"SIGNERS_NAME_NOT_AVAILABLE"}, ProcessState::failed, "unspecified", 1},
        {{"SIGNED", "ASTRAL"}, ProcessState::failed, "unspecified", 0},
        {{}, ProcessState::failed, "unspecified", 0},
    };
    for (const Row& row : rows) {
        const StatusUpdate update = map_failed(row.signers);
        EXPECT_EQ(update.state, row.state) << row.reason;
        ASSERT_TRUE(update.reason);
        EXPECT_EQ(update.reason->code, row.reason);
        const std::string expected =
            row.participant == 0 ? "" : update.participants.at(static_cast<std::size_t>(row.participant) - 1).ref;
        EXPECT_EQ(update.reason->participant_ref, expected) << row.reason;
        EXPECT_FALSE(update.hold);
    }
    EXPECT_FALSE(map(portal_body("COMPLETED_SUCCESSFULLY", "SIGNED")).reason);
    EXPECT_FALSE(map(portal_body("IN_PROGRESS", "REJECTED")).reason);
}

TEST(Mapping, keeps_what_consumers_need) {
    const StatusUpdate update = map(fixture("portal-in-progress.xml"));
    EXPECT_EQ(update.provider, ProviderKind::posten);
    EXPECT_EQ(update.account, "acme");
    EXPECT_EQ(update.watch, 3);
    EXPECT_EQ(update.process_id, "42");
    EXPECT_EQ(update.reference, "loan-2026-0042");
    EXPECT_EQ(update.provider_status, "IN_PROGRESS");
    EXPECT_EQ(to_rfc3339(*update.changed_at), "2026-03-04T10:02:11.121Z");
    EXPECT_EQ(update.participants[0].acted_at, update.changed_at);
    EXPECT_FALSE(update.participants[1].acted_at);
    EXPECT_EQ(update.participants[2].order, 3);
    EXPECT_THAT(update.acknowledge_at.reveal(), ::testing::EndsWith("/42/complete"));
    const StatusUpdate timeless = map(fixture("direct-whitespace.xml"));
    EXPECT_FALSE(timeless.changed_at);
    EXPECT_FALSE(timeless.participants[0].acted_at);
    EXPECT_EQ(timeless.process_id, "9223372036854775807");
}

TEST(Mapping, an_unknown_signer_word_is_cleaned_and_work_goes_on) {
    const StatusUpdate update = map(fixture("portal-unknown-elements.xml"));
    EXPECT_EQ(update.participants.at(0).provider_status, "TELEPORTED_2.0");
    EXPECT_FALSE(update.hold);
    EXPECT_EQ(clean_word(std::string(100, 'A')), std::string(64, 'A'));
    EXPECT_EQ(clean_word("a b\n<å>"), "a_b_____");
    EXPECT_EQ(clean_word(""), "UNSPECIFIED");
}

std::string documents(const std::string& body, PadesPolicy pades, XadesPolicy xades) {
    std::string list;
    const StatusUpdate update = map(body, {{pades, xades}, false});
    for (const DocumentRef& document : update.documents) {
        list += (document.kind == DocumentKind::pades ? "p" : "x") + std::to_string(document.participant) + " ";
        EXPECT_THAT(document.locator.reveal(),
                    ::testing::HasSubstr(document.kind == DocumentKind::pades ? "/pades" : "/xades/"));
    }
    return list;
}

TEST(Mapping, fetches_the_documents_that_the_policy_wants) {
    const auto completed = portal_body("COMPLETED_SUCCESSFULLY", "SIGNED");
    const auto failed = direct_body("FAILED", "SIGNED");
    const auto waiting = portal_body("IN_PROGRESS", "WAITING");
    EXPECT_EQ(documents(completed, PadesPolicy::completed, XadesPolicy::signers), "p0 x1 ");
    EXPECT_EQ(documents(failed, PadesPolicy::completed, XadesPolicy::signers), "x1 ");
    EXPECT_EQ(documents(waiting, PadesPolicy::completed, XadesPolicy::signers), "");
    EXPECT_EQ(documents(failed, PadesPolicy::at_end, XadesPolicy::completed), "p0 ");
    EXPECT_EQ(documents(waiting, PadesPolicy::at_end, XadesPolicy::signers), "");
    EXPECT_EQ(documents(waiting, PadesPolicy::always, XadesPolicy::signers), "p0 ");
    EXPECT_EQ(documents(completed, PadesPolicy::never, XadesPolicy::completed), "x1 ");
    EXPECT_EQ(documents(completed, PadesPolicy::never, XadesPolicy::never), "");
    EXPECT_EQ(documents(fixture("portal-ten-signers.xml"), PadesPolicy::completed, XadesPolicy::signers),
              "x1 x2 x3 x4 ");
    EXPECT_EQ(documents(fixture("portal-in-progress.xml"), PadesPolicy::always, XadesPolicy::completed), "p0 ");
}

TEST(Mapping, a_completed_job_without_its_pades_is_not_let_go) {
    const std::string url = "<pades-url>https://localhost:8443/api/123456789/portal/signature-jobs/7/pades</pades-url>";
    const std::string body = replaced(portal_body("COMPLETED_SUCCESSFULLY", "SIGNED"), url, "");
    EXPECT_EQ(code_of([&] { map(body); }), "pades_missing");
    EXPECT_EQ(code_of([&] { map(body, {{PadesPolicy::always, XadesPolicy::never}, false}); }), "pades_missing");
    EXPECT_EQ(code_of([&] { map(body, {{PadesPolicy::never, XadesPolicy::signers}, false}); }), "");
    EXPECT_EQ(code_of([&] { map(replaced(body, "COMPLETED_SUCCESSFULLY", "FAILED")); }), "");
}

TEST(Mapping, holds_what_it_must_not_confirm) {
    EXPECT_TRUE(map(portal_body("IN_PROGRESS", "WAITING"), {{}, true}).hold);
    const std::string url =
        "<confirmation-url>https://localhost:8443/api/123456789/portal/signature-jobs/7/complete</confirmation-url>";
    EXPECT_TRUE(map(replaced(portal_body("IN_PROGRESS", "WAITING"), url, "")).hold);
    const StatusUpdate direct = map(fixture("direct-failed.xml"));
    EXPECT_FALSE(direct.hold);
    EXPECT_TRUE(direct.acknowledge_at.empty());
}

TEST(Mapping, a_foreign_url_is_recorded_not_judged) {
    const std::string body =
        replaced(portal_body("COMPLETED_SUCCESSFULLY", "SIGNED"), "https://localhost:8443", "http://169.254.169.254");
    EXPECT_EQ(map(body).documents.size(), 2U);
}

TEST(Mapping, equal_signers_get_different_references) {
    const StatusUpdate update = map(fixture("portal-ten-signers.xml"));
    std::set<std::string> refs;
    for (const Participant& participant : update.participants)
        refs.insert(participant.ref);
    EXPECT_EQ(refs.size(), 10U);
    const StatusUpdate other = map(replaced(fixture("portal-ten-signers.xml"), ">10<", ">11<"));
    EXPECT_EQ(other.participants[8].ref, update.participants[8].ref);
    EXPECT_EQ(map(fixture("portal-in-progress.xml")).participants[0].ref,
              map(fixture("direct-failed.xml")).participants[1].ref);
}

TEST(Mapping, the_fingerprint_is_the_same_for_a_redelivery) {
    const std::string body = fixture("portal-in-progress.xml");
    const std::string fingerprint = map(body).fingerprint;
    EXPECT_THAT(fingerprint, ::testing::MatchesRegex("[0-9a-f]{64}"));
    EXPECT_EQ(map(body).fingerprint, fingerprint);
    EXPECT_EQ(map(replaced(body, "/complete", "/complete?again=1")).fingerprint, fingerprint);
    EXPECT_EQ(map(replaced(body, "2026-03-01T08:00:00+01:00", "2026-03-01T07:00:00Z")).fingerprint, fingerprint);
    WireUpdate reordered = parse_update(body);
    std::ranges::reverse(reordered.signers);
    EXPECT_EQ(to_status_update(reordered, Origin{"acme", 3, "portal"}, {}, testing::pseudonymise()).fingerprint,
              fingerprint);
    EXPECT_EQ(map(portal_body("FAILED", "signed")).fingerprint, map(portal_body("FAILED", " SIGNED ")).fingerprint);
}

TEST(Mapping, the_fingerprint_differs_for_every_change) {
    const std::string body = fixture("portal-in-progress.xml");
    std::set<std::string> fingerprints{
        map(body).fingerprint,
        map(body, {}, "portal/loans").fingerprint,
        map(replaced(body, ">42<", ">43<")).fingerprint,
        map(replaced(body, "IN_PROGRESS", "FAILED")).fingerprint,
        map(replaced(body, ">SIGNED<", ">REJECTED<")).fingerprint,
        map(replaced(body, ">SIGNED<", ">ASTRAL<")).fingerprint,
        map(replaced(body, "11:02:11", "11:02:12")).fingerprint,
        map(replaced(body, "01010100002", "01010100004")).fingerprint,
        map(replaced(body, "since=\"2026-03-01T08:00:00+01:00\"", "")).fingerprint,
    };
    EXPECT_EQ(fingerprints.size(), 9U);
    EXPECT_NE(map(portal_body("FAILED", "SIGNED")).fingerprint, map(direct_body("FAILED", "SIGNED")).fingerprint);
}

TEST(Mapping, no_personal_data_leaves_the_sensitive_fields) {
    const char* canaries[] = {
        "01010100001", "01010100002", "90000001", "90000003", "family", "example.invalid", "https:", "pin:"};
    for (const char* name :
         {"portal-in-progress.xml", "portal-failed-blocked.xml", "portal-ten-signers.xml", "direct-failed.xml"}) {
        const StatusUpdate update = map(fixture(name));
        std::string open =
            update.process_id + " " + update.reference + " " + update.provider_status + " " + update.fingerprint;
        if (update.reason) open += " " + update.reason->code + " " + update.reason->participant_ref;
        for (const Participant& participant : update.participants)
            open += " " + participant.ref + " " + participant.provider_status;
        for (const char* canary : canaries)
            EXPECT_THAT(open, ::testing::Not(::testing::HasSubstr(canary)));
    }
}

TEST(Mapping, maps_every_published_example) {
    for (const auto& path : testing::upstream_examples()) {
        const std::string name = path.filename().string();
        if (!name.starts_with("status-")) continue;
        const StatusUpdate update = map(testing::read_text(path));
        EXPECT_EQ(update.state, ProcessState::completed);
        EXPECT_EQ(update.process_id, "1");
        EXPECT_EQ(update.documents.size(), update.participants.size() + 1) << name;
        EXPECT_FALSE(update.acknowledge_at.empty());
    }
}

}  // namespace
}  // namespace signwatch::posten
