// Processes that go on after their end.
#include "tests/contract/restarts_contract.hpp"

namespace signwatch::testing {
namespace {

TEST_P(RestartContract, whoever_says_that_an_ended_process_goes_on_gets_one_look) {
    end("1");
    EXPECT_EQ(hint({hint_about("1")}, at(10)).unchanged, 1U);
    EXPECT_EQ(hint({restarted("1")}, at(10)).hurried, 1U);
    EXPECT_EQ(wait(store().next_due({"acme"})), at(10));
    reopen();
    const Watch look = claim({"acme"}, at(10)).at(0);
    EXPECT_TRUE(look.hurried);
    EXPECT_TRUE(look.said_restarted);
    EXPECT_EQ(look.seen, "ended");
    settle_look(look, at(11), false);
    EXPECT_TRUE(claim({"acme"}, at(100'000)).empty()) << "it was not true";
    EXPECT_EQ(wait(store().count_watches("acme")), 0U);
}

TEST_P(RestartContract, what_has_been_restarted_is_followed_and_told) {
    end("1");
    hint({restarted("1")}, at(10));
    const Watch look = claim({"acme"}, at(10)).at(0);
    const UpdateId again = record(found(look, "goes on", ProcessState::in_progress), at(11)).id;
    settle_look(look, at(11), true);
    reopen();
    ProcessState before = ProcessState::unknown;
    CommitUpdate request;
    request.id = again;
    request.now = at(12);
    request.compose = [&before](const EventContext& context) {
        before = context.previous_state;
        return make_event()(context);
    };
    EXPECT_TRUE(wait(store().commit_update(request)));
    EXPECT_EQ(before, ProcessState::expired) << "consumers can tell";
    EXPECT_EQ(detail("1").process.state, ProcessState::in_progress);
    ASSERT_EQ(outbox().size(), 2U);
    EXPECT_EQ(outbox()[1].message.sequence, 2U);
    EXPECT_EQ(wait(store().count_watches("acme")), 1U);

    EXPECT_TRUE(claim({"acme"}, at(610)).empty());
    const Watch next = claim({"acme"}, at(611)).at(0);
    EXPECT_FALSE(next.hurried);
    EXPECT_EQ(next.seen, "goes on");
    EXPECT_EQ(next.since, at(11));
    commit(record(last_of(next, "ended again"), at(612)).id, at(612));
    EXPECT_EQ(detail("1").process.state, ProcessState::expired);
    EXPECT_EQ(outbox().size(), 3U);
    EXPECT_TRUE(claim({"acme"}, at(100'000)).empty());
}

TEST_P(RestartContract, a_crash_after_the_record_brings_the_look_again) {
    end("1");
    hint({restarted("1")}, at(10));
    record(found(claim({"acme"}, at(10)).at(0), "goes on", ProcessState::in_progress), at(11));
    reopen();
    const Watch again = claim({"acme"}, at(2'000)).at(0);
    EXPECT_TRUE(again.said_restarted);
    settle_look(again, at(2'001), true);
    EXPECT_EQ(claim({"acme"}, at(2'601)).size(), 1U);
}

TEST_P(RestartContract, a_restart_that_is_told_of_during_the_last_look_is_not_forgotten) {
    watch("1", at(1));
    watch("2", at(1));
    for (const Watch& look : claim({"acme"}, at(1))) {
        hint({look.key.target == "1" ? restarted("1") : hint_about("2")}, at(2));
        commit(record(last_of(look), at(3)).id, at(3));
        settle_look(look, at(3), false);
    }
    const auto owed = claim({"acme"}, at(2'000));
    ASSERT_EQ(owed.size(), 1U);
    EXPECT_EQ(owed[0].key.target, "1");
    EXPECT_TRUE(owed[0].said_restarted);
}

TEST_P(RestartContract, a_sweep_that_shows_the_same_again_is_believed_no_more) {
    end("1");
    EXPECT_EQ(hint({restarted("1", "t1")}, at(10)).hurried, 1U);
    settle_look(claim({"acme"}, at(10)).at(0), at(11), false);
    EXPECT_EQ(hint({restarted("1", "t1")}, at(20)).unchanged, 1U);
    EXPECT_TRUE(claim({"acme"}, at(100'000)).empty());
    EXPECT_EQ(hint({restarted("1", "t2")}, at(30)).hurried, 1U);
}

TEST_P(RestartContract, what_people_have_stopped_stays_so) {
    for (const char* process : {"paused", "removed", "parked"})
        watch(process, at(1));
    order("paused", ProcessOrder::pause, at(0));
    order("removed", ProcessOrder::remove, at(0));
    SettleWatch parks;
    parks.watch = claim({"acme"}, at(1)).at(0).id;
    parks.due_at = parks.settled_at = at(2);
    parks.ends = parks.parks = true;
    wait(store().settle_watch(parks));
    EXPECT_EQ(hint({restarted("paused"), restarted("removed"), restarted("parked")}, at(3)).unchanged, 3U);
    EXPECT_TRUE(claim({"acme"}, at(100'000)).empty());
}

TEST_P(RestartContract, its_deadline_stands_again) {
    Registration registration = registration_of("1", "c1");
    registration.deadline = at(500);
    add(registration, at(1), at(0));
    const Watch look = claim({"acme"}, at(1)).at(0);
    StatusUpdate last = last_of(look);
    last.state = ProcessState::cancelled;
    commit(record(last, at(1)).id, at(1));
    settle_look(look, at(2), false);
    EXPECT_EQ(wait(store().next_deadline({"acme"})), std::nullopt);
    hint({restarted("1")}, at(10));
    const Watch again = claim({"acme"}, at(10)).at(0);
    commit(record(found(again, "goes on", ProcessState::in_progress), at(11)).id, at(11));
    EXPECT_EQ(wait(store().next_deadline({"acme"})), at(500));
}

TEST_P(RestartContract, a_deadline_that_passed_after_the_end_silences_nothing) {
    Registration registration = registration_of("1", "c1");
    registration.deadline = at(5);
    add(registration, at(1), at(0));
    const Watch look = claim({"acme"}, at(1)).at(0);
    commit(record(last_of(look), at(1)).id, at(1));
    settle_look(look, at(2), false);
    StatusUpdate expiry = make_update("1", "local-deadline/1", ProcessState::expired);
    expiry.reason = Reason{"local-deadline", ""};
    expiry.acknowledge_at = Sensitive();
    commit(record(expiry, at(5)).id, at(5));
    EXPECT_EQ(outbox().size(), 1U) << "the provider has said so before";
    hint({restarted("1")}, at(10));
    const Watch again = claim({"acme"}, at(10)).at(0);
    commit(record(found(again, "goes on", ProcessState::in_progress), at(11)).id, at(11));
    EXPECT_EQ(outbox().size(), 2U);
    EXPECT_EQ(detail("1").process.state, ProcessState::in_progress);
}

}  // namespace
}  // namespace signwatch::testing
