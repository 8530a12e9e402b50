// Processes that callers have named: registration, their own watches, orders, deadlines, budgets.
#include "tests/contract/processes_contract.hpp"

namespace signwatch::testing {
namespace {

using namespace std::chrono_literals;

TEST_P(ProcessContract, registering_again_changes_nothing_and_a_conflict_names_the_one_that_stands) {
    Registration registration = registration_of("1", "loan-1");
    registration.labels = {{"branch", "Oslo"}};
    EXPECT_EQ(add(registration, at(10), at(0)).outcome, Registered::added);
    EXPECT_EQ(add(registration, at(20), at(5)).outcome, Registered::unchanged);
    const RegisterResult conflict = add(registration_of("1", "loan-2"), at(20), at(5));
    EXPECT_EQ(conflict.outcome, Registered::conflict);
    EXPECT_EQ(conflict.correlation_id, "loan-1");
    registration.deadline = at(1'000);
    registration.interval = 90s;
    EXPECT_EQ(add(registration, at(20), at(5)).outcome, Registered::changed);

    const ProcessRow row = detail("1").process;
    EXPECT_EQ(row.correlation_id, "loan-1");
    EXPECT_EQ(row.registered_at, at(0));
    EXPECT_EQ(row.deadline, at(1'000));
    EXPECT_EQ(row.interval, 90s);
    EXPECT_EQ(row.labels, registration.labels);
    EXPECT_TRUE(row.watched);
    ASSERT_EQ(claim({"acme"}, at(30)).size(), 1U);
    EXPECT_EQ(wait(store().count_watches("acme")), 1U);
}

TEST_P(ProcessContract, many_are_registered_at_once_and_conflicts_refuse_themselves_alone) {
    watch("7", at(1));
    FirstLooks looks;
    std::vector<Registration> many;
    for (int i = 0; i < 10; ++i) {
        many.push_back(registration_of(std::to_string(i), i == 7 ? "other" : "c" + std::to_string(i)));
        looks.due_at.push_back(at(i));
    }
    looks.now = at(0);
    const auto results = wait(store().register_processes(many, looks, at(0)));
    for (std::size_t i = 0; i < results.size(); ++i)
        EXPECT_EQ(results[i].outcome, i == 7 ? Registered::conflict : Registered::added);
    EXPECT_EQ(wait(store().count_watches("acme")), 10U);
}

TEST_P(ProcessContract, its_watch_knows_what_was_seen_last_across_a_restart) {
    Registration registration = registration_of("1", "c");
    registration.interval = 5min;
    add(registration, at(10), at(3));
    Watch watch = claim({"acme"}, at(10)).at(0);
    EXPECT_EQ(watch.key.kind, WatchKind::process);
    EXPECT_EQ(watch.key.target, "1");
    EXPECT_EQ(watch.seen, "");
    EXPECT_EQ(watch.interval, 5min);
    EXPECT_EQ(watch.since, at(3));
    record(found(watch, "f1", ProcessState::in_progress), at(10));
    finish_look(watch, at(310));
    reopen();
    watch = claim({"acme"}, at(310)).at(0);
    EXPECT_EQ(watch.seen, "f1");
    EXPECT_EQ(watch.attempts, 0);
}

TEST_P(ProcessContract, looks_that_never_end_are_counted) {
    watch("1", at(1));
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(claim({"acme"}, at(1 + 700 * i)).at(0).attempts, i);
        reopen();
    }
}

TEST_P(ProcessContract, the_last_update_ends_the_watch) {
    watch("1", at(1));
    const Watch claimed = claim({"acme"}, at(1)).at(0);
    StatusUpdate last = found(claimed, "f", ProcessState::completed);
    last.ends_watch = true;
    const RecordResult recorded = record(last, at(1));
    finish_look(claimed, at(2));
    EXPECT_TRUE(commit(recorded.id, at(2)));
    EXPECT_TRUE(claim({"acme"}, at(100'000)).empty());
    EXPECT_EQ(wait(store().count_watches("acme")), 0U);
    EXPECT_EQ(order("1", ProcessOrder::poll_now, at(3)), OrderOutcome::not_watched);
    EXPECT_EQ(add(registration_of("1", "c1"), at(50), at(4)).outcome, Registered::unchanged);
    EXPECT_TRUE(claim({"acme"}, at(100'000)).empty());
}

TEST_P(ProcessContract, the_last_update_ends_the_watch_though_the_daemon_died_before_it_settled) {
    watch("1", at(1));
    const Watch claimed = claim({"acme"}, at(1)).at(0);
    reopen();
    StatusUpdate last = found(claimed, "f", ProcessState::completed);
    last.ends_watch = true;
    record(last, at(1));
    EXPECT_TRUE(claim({"acme"}, at(100'000)).empty());
    EXPECT_EQ(wait(store().count_watches("acme")), 0U);
}

TEST_P(ProcessContract, orders) {
    watch("1", at(1));
    EXPECT_EQ(order("2", ProcessOrder::pause, at(0)), OrderOutcome::unknown);
    EXPECT_EQ(order("1", ProcessOrder::pause, at(0)), OrderOutcome::done);
    EXPECT_TRUE(claim({"acme"}, at(5)).empty());
    EXPECT_TRUE(detail("1").process.paused);
    EXPECT_EQ(order("1", ProcessOrder::poll_now, at(5)), OrderOutcome::not_watched);
    EXPECT_EQ(order("1", ProcessOrder::resume, at(6)), OrderOutcome::done);
    EXPECT_EQ(order("1", ProcessOrder::resume, at(6)), OrderOutcome::done);
    EXPECT_EQ(claim({"acme"}, at(6)).size(), 1U);
    EXPECT_EQ(wait(store().count_watches("acme")), 1U);

    EXPECT_EQ(order("1", ProcessOrder::remove, at(7)), OrderOutcome::done);
    EXPECT_EQ(order("1", ProcessOrder::remove, at(7)), OrderOutcome::unknown);
    EXPECT_TRUE(claim({"acme"}, at(10'000)).empty());
    EXPECT_EQ(wait(store().count_watches("acme")), 0U);
    EXPECT_EQ(add(registration_of("1", "another"), at(10'001), at(10'000)).outcome, Registered::added);
    EXPECT_EQ(claim({"acme"}, at(10'001)).size(), 1U);
}

// Rows in the schedule go much later than that.
TEST_P(ProcessContract, what_rests_is_not_counted_from_then_on_and_what_is_looked_at_again_is) {
    const auto count = [this] { return wait(store().count_watches("acme")); };
    for (const char* id : {"ended", "paused", "removed"})
        watch(id, at(1'000));
    ASSERT_EQ(count(), 3U);
    order("ended", ProcessOrder::poll_now, at(1));
    StatusUpdate last = found(claim({"acme"}, at(1)).at(0), "f", ProcessState::completed);
    last.ends_watch = true;
    commit(record(last, at(1)).id, at(1));
    EXPECT_EQ(count(), 2U);
    order("paused", ProcessOrder::pause, at(2));
    order("paused", ProcessOrder::pause, at(2));
    EXPECT_EQ(count(), 1U);
    order("removed", ProcessOrder::remove, at(2));
    EXPECT_EQ(count(), 0U);
    order("paused", ProcessOrder::resume, at(3));
    EXPECT_EQ(count(), 1U);
    add(registration_of("removed", "another"), at(1'000), at(3));
    EXPECT_EQ(count(), 2U);
    order("paused", ProcessOrder::pause, at(4));
    EXPECT_EQ(count(), 1U);

    EXPECT_EQ(claim({"acme"}, at(1'000)).size(), 1U) << "the rows of the others are gone now";
    reopen();
    EXPECT_EQ(count(), 1U);
    order("paused", ProcessOrder::resume, at(1'001));
    EXPECT_EQ(count(), 2U);
}

TEST_P(ProcessContract, a_process_resumed_before_its_row_came_due_is_looked_at_once) {
    watch("1", at(100));
    order("1", ProcessOrder::pause, at(0));
    order("1", ProcessOrder::resume, at(1));
    EXPECT_EQ(claim({"acme"}, at(100)).size(), 1U);
    EXPECT_EQ(wait(store().count_watches("acme")), 1U);
}

TEST_P(ProcessContract, a_hurried_look_is_extra_and_first) {
    watch("1", at(100));
    watch("2", at(1));
    EXPECT_EQ(order("1", ProcessOrder::poll_now, at(5)), OrderOutcome::done);
    EXPECT_EQ(order("1", ProcessOrder::poll_now, at(5)), OrderOutcome::done);
    EXPECT_EQ(wait(store().next_due({"acme"})), at(1));
    const auto watches = claim({"acme"}, at(5), 1);
    ASSERT_EQ(watches.size(), 1U);
    EXPECT_EQ(watches[0].key.target, "1");
    EXPECT_TRUE(watches[0].hurried);
    finish_look(watches[0], at(400));
    EXPECT_EQ(claim({"acme"}, at(6)).at(0).key.target, "2");
    const Watch regular = claim({"acme"}, at(100)).at(0);
    EXPECT_EQ(regular.key.target, "1");
    EXPECT_FALSE(regular.hurried);
}

TEST_P(ProcessContract, a_hint_during_a_hurried_look_is_not_lost) {
    watch("1", at(1'000));
    order("1", ProcessOrder::poll_now, at(5));
    const Watch first = claim({"acme"}, at(5)).at(0);
    order("1", ProcessOrder::poll_now, at(6));
    finish_look(first, at(2'000));
    EXPECT_TRUE(claim({"acme"}, at(7)).at(0).hurried);
}

TEST_P(ProcessContract, a_hurried_look_that_failed_comes_again) {
    watch("1", at(1'000));
    order("1", ProcessOrder::poll_now, at(5));
    const Watch first = claim({"acme"}, at(5)).at(0);
    finish_look(first, at(50), false);
    EXPECT_TRUE(claim({"acme"}, at(49)).empty());
    EXPECT_TRUE(claim({"acme"}, at(50)).at(0).hurried);
}

TEST_P(ProcessContract, a_parked_watch_waits_for_an_operator) {
    watch("1", at(1));
    SettleWatch parks;
    parks.watch = claim({"acme"}, at(1)).at(0).id;
    parks.due_at = parks.settled_at = at(2);
    parks.ends = parks.parks = true;
    wait(store().settle_watch(parks));
    EXPECT_TRUE(claim({"acme"}, at(10'000)).empty());
    EXPECT_TRUE(detail("1").process.parked);
    EXPECT_EQ(wait(store().retry_parked("acme", "1", at(20'000))), 1U);
    EXPECT_EQ(claim({"acme"}, at(20'000)).size(), 1U);
}

TEST_P(ProcessContract, a_process_its_queue_brought_is_named_by_its_caller) {
    commit_new("1", "f", ProcessState::in_progress, at(1));
    Registration registration = registration_of("1", "loan-1");
    EXPECT_EQ(add(registration, std::nullopt, at(2)).outcome, Registered::added);
    EXPECT_EQ(add(registration, std::nullopt, at(3)).outcome, Registered::unchanged);
    EXPECT_EQ(detail("1").process.correlation_id, "loan-1");
    EXPECT_EQ(order("1", ProcessOrder::poll_now, at(4)), OrderOutcome::not_watched);
}

TEST_P(ProcessContract, a_deadline_is_reported_once_and_then_only_the_end) {
    Registration registration = registration_of("1", "loan-1");
    registration.deadline = at(100);
    add(registration, at(1), at(0));
    const Watch watch = claim({"acme"}, at(1)).at(0);
    commit(record(found(watch, "a", ProcessState::in_progress), at(1)).id, at(1));
    EXPECT_EQ(wait(store().next_deadline({"acme"})), at(100));
    EXPECT_TRUE(wait(store().passed_deadlines({"acme"}, at(99), 10)).empty());
    const auto passed = wait(store().passed_deadlines({"acme"}, at(100), 10));
    ASSERT_EQ(passed.size(), 1U);
    EXPECT_EQ(passed[0].process_id, "1");
    EXPECT_EQ(passed[0].correlation_id, "loan-1");
    EXPECT_EQ(passed[0].deadline, at(100));

    StatusUpdate expiry = make_update("1", "local-deadline/1", ProcessState::expired);
    expiry.reason = Reason{"local-deadline", ""};
    expiry.acknowledge_at = Sensitive();
    EXPECT_TRUE(commit(record(expiry, at(100)).id, at(100)));
    wait(store().end_deadline(passed[0].row));
    EXPECT_TRUE(wait(store().passed_deadlines({"acme"}, at(500), 10)).empty());
    EXPECT_EQ(detail("1").process.state, ProcessState::expired);
    const std::size_t events = outbox().size();

    commit(record(found(watch, "b", ProcessState::in_progress), at(200)).id, at(200));
    EXPECT_EQ(outbox().size(), events);
    EXPECT_EQ(detail("1").process.state, ProcessState::expired);
    commit(record(found(watch, "c", ProcessState::completed), at(300)).id, at(300));
    EXPECT_EQ(outbox().size(), events + 1);
    EXPECT_EQ(detail("1").process.state, ProcessState::completed);
}

TEST_P(ProcessContract, a_process_that_has_ended_has_no_deadline) {
    Registration registration = registration_of("1", "loan-1");
    registration.deadline = at(100);
    add(registration, at(1), at(0));
    const Watch watch = claim({"acme"}, at(1)).at(0);
    commit(record(found(watch, "a", ProcessState::completed), at(1)).id, at(1));
    EXPECT_TRUE(wait(store().passed_deadlines({"acme"}, at(500), 10)).empty());
    EXPECT_EQ(wait(store().next_deadline({"acme"})), std::nullopt);
}

TEST_P(ProcessContract, what_its_own_look_finds_is_always_newer) {
    watch("1", at(1));
    const Watch claimed = claim({"acme"}, at(1)).at(0);
    commit(record(found(claimed, "expired", ProcessState::expired), at(1)).id, at(1));
    EXPECT_EQ(detail("1").process.state, ProcessState::expired);
    commit(record(found(claimed, "sent again", ProcessState::in_progress), at(2)).id, at(2));
    EXPECT_EQ(detail("1").process.state, ProcessState::in_progress);
}

TEST_P(ProcessContract, what_completing_told_replaces_what_the_look_saw) {
    watch("1", at(1));
    const Watch claimed = claim({"acme"}, at(1)).at(0);
    StatusUpdate seen = found(claimed, "f", ProcessState::cancelled);
    seen.incomplete = true;
    const RecordResult recorded = record(seen, at(1));
    reopen();
    EXPECT_EQ(wait(store().resume_unfinished({"acme"}, at(2))), 1U);
    const PendingUpdate pending = unfinished(at(2), at(3)).at(0);
    EXPECT_TRUE(pending.update.incomplete);

    CommitUpdate request;
    request.id = recorded.id;
    request.compose = make_event();
    request.now = at(2);
    request.completed = pending.update;
    request.completed->state = ProcessState::rejected;
    request.completed->participants = {{"ref", 1, ParticipantState::rejected, "declined", at(1)}};
    EXPECT_TRUE(wait(store().commit_update(request)));
    EXPECT_EQ(detail("1").process.state, ProcessState::rejected);
    ASSERT_EQ(detail("1").participants.size(), 1U);
    EXPECT_EQ(detail("1").participants[0].ref, "ref");
}

TEST_P(ProcessContract, calls_are_counted_and_forgotten) {
    const WallTime now = at(0);
    wait(store().count_calls("arqsign/acme", {{CallSpan::minute, now, 1}, {CallSpan::day, now, 1}}, now));
    wait(store().count_calls("arqsign/acme", {{CallSpan::minute, now, 2}}, now));
    wait(store().count_calls("other", {{CallSpan::minute, now, 9}}, now));
    reopen();
    auto counts = wait(store().call_counts("arqsign/acme"));
    ASSERT_EQ(counts.size(), 2U);
    int minute = 0;
    for (const CallCount& count : counts)
        if (count.span == CallSpan::minute) minute = count.calls;
    EXPECT_EQ(minute, 3);
    wait(store().count_calls("arqsign/acme", {{CallSpan::day, now + 24h, 1}}, now + 24h));
    EXPECT_EQ(wait(store().call_counts("arqsign/acme")).size(), 2U);
    EXPECT_EQ(view().budgets().size(), 2U);
}

}  // namespace

}  // namespace signwatch::testing
