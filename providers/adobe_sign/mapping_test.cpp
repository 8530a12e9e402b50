#include "providers/adobe_sign/mapping.hpp"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/domain/names.hpp"
#include "core/json/value.hpp"
#include "providers/adobe_sign/test_support.hpp"

namespace signwatch::adobe_sign {
namespace {

using testing::fixture;
using ::testing::IsEmpty;
using ::testing::SizeIs;

StatusUpdate updated(const std::string& status, const std::string& members, DocumentWishes wishes = {}) {
    const auto sets = members.empty() ? std::vector<WireSet>() : parse_members(fixture(members));
    return to_update(
        parse_agreement(testing::agreement(status)), sets, testing::origin(), wishes, testing::pseudonymise());
}

StatusUpdate ended(const std::string& status, const std::string& members, const std::string& events) {
    return with_events(updated(status, members), parse_events(fixture(events)), testing::pseudonymise());
}

TEST(AdobeMapping, every_documented_status_has_its_state) {
    const std::pair<const char*, ProcessState> table[] = {
        {"DRAFT", ProcessState::created},
        {"AUTHORING", ProcessState::created},
        {"PREFILL", ProcessState::created},
        {"DOCUMENTS_NOT_YET_PROCESSED", ProcessState::created},
        {"OUT_FOR_SIGNATURE", ProcessState::in_progress},
        {"OUT_FOR_APPROVAL", ProcessState::in_progress},
        {"OUT_FOR_ACCEPTANCE", ProcessState::in_progress},
        {"OUT_FOR_DELIVERY", ProcessState::in_progress},
        {"OUT_FOR_FORM_FILLING", ProcessState::in_progress},
        {"WAITING_FOR_FAXIN", ProcessState::in_progress},
        {"WAITING_FOR_VERIFICATION", ProcessState::in_progress},
        {"WIDGET_WAITING_FOR_VERIFICATION", ProcessState::in_progress},
        {"IN_REVISION", ProcessState::in_progress},
        {"SIGNED", ProcessState::completed},
        {"APPROVED", ProcessState::completed},
        {"ACCEPTED", ProcessState::completed},
        {"DELIVERED", ProcessState::completed},
        {"FORM_FILLED", ProcessState::completed},
        {"ARCHIVED", ProcessState::completed},
        {"CANCELLED", ProcessState::cancelled},
        {"ABORTED", ProcessState::cancelled},
        {"EXPIRED", ProcessState::expired},
        {"COMPLETED", ProcessState::unknown},
        {"ABANDONED", ProcessState::unknown},
        {"WAITING_FOR_MY_SIGNATURE", ProcessState::unknown}};
    for (const auto& [word, state] : table) {
        EXPECT_EQ(state_of(word), state) << word;
        const StatusUpdate update = updated(word, needs_members(state) ? "members-completed.json" : "");
        EXPECT_EQ(update.state, state) << word;
        EXPECT_EQ(update.ends_watch, is_terminal(state)) << word;
        EXPECT_EQ(update.documents.empty(), state != ProcessState::completed) << word;
        EXPECT_EQ(update.provider_status, word);
        EXPECT_EQ(update.incomplete, needs_members(state)) << word;
    }
}

TEST(AdobeMapping, agrees_with_the_map_of_the_notes) {
    for (const auto& path : testing::samples("status_mapping.default")) {
        const json::Value map = json::parse(testing::read_text(path));
        const json::Value& words = map["agreement"];
        ASSERT_GT(words.names().size(), 20U);
        for (const std::string& folded : words.names()) {
            const std::string wanted = words[folded].text_or_empty();
            EXPECT_EQ(name_of(state_of(clean_word(folded))), wanted.substr(0, wanted.find('?'))) << folded;
        }
    }
}

TEST(AdobeMapping, progress_shows_each_signer_and_nobody) {
    const StatusUpdate update = updated("OUT_FOR_SIGNATURE", "members-in-progress.json");
    EXPECT_EQ(update.provider, ProviderKind::adobe_sign);
    EXPECT_EQ(update.account, "loans");
    EXPECT_EQ(update.process_id, testing::agreement_id);
    EXPECT_EQ(update.reference, "LOAN-2041");
    ASSERT_THAT(update.participants, SizeIs(2));
    EXPECT_EQ(update.participants[0].state, ParticipantState::completed);
    EXPECT_EQ(update.participants[0].ref, testing::ref("PART-1"));
    EXPECT_EQ(update.participants[1].state, ParticipantState::waiting);
    EXPECT_EQ(update.participants[1].provider_status, "WAITING_FOR_MY_SIGNATURE");
    EXPECT_EQ(update.participants[1].order, 2);
    EXPECT_FALSE(update.ends_watch);
    const StatusUpdate whole =
        with_events(update, parse_events(fixture("events-signed.json")), testing::pseudonymise());
    EXPECT_EQ(whole.participants[0].acted_at, parse_iso8601("2026-05-11T08:00:00Z"));
    EXPECT_FALSE(whole.participants[1].acted_at) << "the event is newer than the members";
    EXPECT_FALSE(whole.incomplete);
    const StatusUpdate replaced = updated("OUT_FOR_SIGNATURE", "members-replaced.json");
    ASSERT_THAT(replaced.participants, SizeIs(3));
    EXPECT_EQ(replaced.participants[2].state, ParticipantState::superseded);
}

TEST(AdobeMapping, completion_brings_the_documents_that_are_wished_for) {
    const StatusUpdate usual = ended("SIGNED", "members-completed.json", "events-signed.json");
    EXPECT_EQ(usual.state, ProcessState::completed);
    EXPECT_FALSE(usual.reason);
    EXPECT_EQ(usual.changed_at, parse_iso8601("2026-05-11T09:00:00Z"));
    ASSERT_THAT(usual.documents, SizeIs(2));
    EXPECT_EQ(usual.documents[0].kind, DocumentKind::signed_pdf);
    EXPECT_EQ(usual.documents[1].kind, DocumentKind::audit_trail);
    EXPECT_EQ(usual.documents[0].locator.reveal(), std::string("agreement/") + testing::agreement_id);
    const StatusUpdate all = updated("SIGNED", "members-completed.json", {true, true, true});
    ASSERT_THAT(all.documents, SizeIs(3));
    EXPECT_EQ(all.documents[2].kind, DocumentKind::form_data);
    EXPECT_THAT(updated("SIGNED", "members-completed.json", {false, false, false}).documents, IsEmpty());
}

TEST(AdobeMapping, a_filled_form_is_complete_when_every_set_is) {
    const StatusUpdate open = updated("FORM_FILLED", "members-in-progress.json");
    EXPECT_EQ(open.state, ProcessState::in_progress);
    EXPECT_FALSE(open.ends_watch);
    EXPECT_THAT(open.documents, IsEmpty());
    EXPECT_EQ(updated("FORM_FILLED", "").state, ProcessState::in_progress) << "nobody is no proof";
    const StatusUpdate done = updated("FORM_FILLED", "members-completed.json");
    EXPECT_EQ(done.state, ProcessState::completed);
    EXPECT_TRUE(done.ends_watch);
    EXPECT_NE(open.fingerprint, done.fingerprint);
}

TEST(AdobeMapping, the_newest_ending_event_says_why) {
    const auto rejected = ended("CANCELLED", "members-cancelled.json", "events-rejected.json");
    EXPECT_EQ(rejected.state, ProcessState::rejected);
    EXPECT_EQ(rejected.reason->code, "declined-by-participant");
    EXPECT_EQ(rejected.reason->participant_ref, testing::ref("PART-1"));
    EXPECT_EQ(rejected.changed_at, parse_iso8601("2026-05-11T08:10:00.500Z"));
    EXPECT_EQ(rejected.participants[0].state, ParticipantState::rejected);
    EXPECT_EQ(rejected.participants[0].acted_at, rejected.changed_at);
    EXPECT_EQ(rejected.participants[1].state, ParticipantState::waiting);
    struct Case {
        const char* status;
        const char* events;
        ProcessState state;
        const char* reason;
    };
    const Case cases[] = {
        {"ABORTED", "events-rejected.json", ProcessState::rejected, "declined-by-participant"},
        {"CANCELLED", "events-recalled.json", ProcessState::cancelled, "cancelled-by-sender"},
        {"CANCELLED", "events-recalled-kba.json", ProcessState::cancelled, "authentication-attempts-exceeded"},
        {"CANCELLED", "events-conversion.json", ProcessState::failed, "document-processing-failed"},
        {"CANCELLED", "events-expired.json", ProcessState::expired, "deadline-passed"},
        {"CANCELLED", "events-signed.json", ProcessState::cancelled, "unspecified"},
        {"EXPIRED", "events-expired.json", ProcessState::expired, "deadline-passed"},
        {"EXPIRED", "events-expired-365.json", ProcessState::expired, "service-limit-365d"},
        {"EXPIRED", "events-recalled.json", ProcessState::expired, "deadline-passed"}};
    for (const Case& each : cases) {
        const StatusUpdate update = ended(each.status, "members-cancelled.json", each.events);
        EXPECT_EQ(update.state, each.state) << each.status << each.events;
        EXPECT_EQ(update.reason->code, each.reason) << each.status << each.events;
        EXPECT_TRUE(update.ends_watch);
        EXPECT_THAT(update.documents, IsEmpty());
    }
}

TEST(AdobeMapping, of_endings_at_one_moment_the_last_told_counts) {
    const auto at = parse_iso8601("2026-05-11T08:00:00Z");
    const auto reason = [&](std::vector<WireEvent> events) {
        return with_events(updated("CANCELLED", "members-cancelled.json"), events, testing::pseudonymise())
            .reason->code;
    };
    EXPECT_EQ(reason({{"RECALLED", at, ""}, {"REJECTED", at, ""}}), "declined-by-participant");
    EXPECT_EQ(reason({{"REJECTED", at, ""}, {"RECALLED", at, ""}}), "cancelled-by-sender");
    EXPECT_EQ(reason({{"REJECTED", *at + std::chrono::seconds{1}, ""}, {"RECALLED", at, ""}}),
              "declined-by-participant");
    EXPECT_EQ(reason({{"REJECTED", at, ""}, {"RECALLED", std::nullopt, ""}}), "declined-by-participant");
    EXPECT_EQ(reason({}), "unspecified");
}

TEST(AdobeMapping, the_fingerprint_is_of_what_it_means) {
    const StatusUpdate first = updated("OUT_FOR_SIGNATURE", "members-in-progress.json");
    std::string later = testing::agreement("OUT_FOR_SIGNATURE");
    later.replace(later.find("07:30:00"), 8, "07:59:59");
    const StatusUpdate viewed = to_update(parse_agreement(later),
                                          parse_members(fixture("members-in-progress.json")),
                                          testing::origin(),
                                          {},
                                          testing::pseudonymise());
    EXPECT_EQ(first.fingerprint, viewed.fingerprint) << "a mail that was opened is no news";
    EXPECT_NE(first.fingerprint, updated("OUT_FOR_SIGNATURE", "members-completed.json").fingerprint);
    EXPECT_NE(first.fingerprint, updated("OUT_FOR_APPROVAL", "members-in-progress.json").fingerprint);
    EXPECT_EQ(first.fingerprint.size(), 64U);
}

TEST(AdobeMapping, an_agreement_that_is_again_what_it_was_is_news) {
    std::string seen;
    std::set<std::string> fingerprints;
    const auto look = [&](const std::string& status) {
        Origin origin = testing::origin();
        origin.seen = seen;
        seen =
            to_update(parse_agreement(testing::agreement(status)), {}, origin, {}, testing::pseudonymise()).fingerprint;
        fingerprints.insert(seen);
        return seen;
    };
    const std::string first = look("OUT_FOR_SIGNATURE");
    EXPECT_EQ(first, updated("OUT_FOR_SIGNATURE", "").fingerprint);
    EXPECT_EQ(look("OUT_FOR_SIGNATURE"), first) << "nothing has changed";
    const std::string expired = look("EXPIRED");
    EXPECT_EQ(look("EXPIRED"), expired);
    const std::string restarted = look("OUT_FOR_SIGNATURE");
    EXPECT_EQ(look("OUT_FOR_SIGNATURE"), restarted);
    look("EXPIRED");
    look("OUT_FOR_SIGNATURE");
    EXPECT_THAT(fingerprints, SizeIs(5));
    EXPECT_LE(seen.size(), 100U);
}

TEST(AdobeMapping, members_without_ids_are_still_told_apart) {
    const auto sets = parse_members(R"({"participantSets":[
        {"id":"S","status":"COMPLETED","memberInfos":[{"email":"a@x.example"},{"email":"b@x.example"},{}]},
        {"status":"EXPIRED","role":"SIGNER"},{"role":"SHARE","status":"COMPLETED","memberInfos":[{"id":"P"}]}]})");
    const StatusUpdate update =
        to_update(parse_agreement(testing::agreement("SIGNED")), sets, testing::origin(), {}, testing::pseudonymise());
    ASSERT_THAT(update.participants, SizeIs(4));
    std::set<std::string> refs;
    for (const Participant& participant : update.participants) {
        refs.insert(participant.ref);
        EXPECT_EQ(participant.ref.find("example"), std::string::npos);
    }
    EXPECT_THAT(refs, SizeIs(4));
    EXPECT_EQ(update.participants[3].state, ParticipantState::expired);
    EXPECT_EQ(update.participants[3].order, 4);
}

}  // namespace
}  // namespace signwatch::adobe_sign
