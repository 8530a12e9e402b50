// Hints, extra looks, bookmarks, and what must not be asked again too soon.
#include "tests/contract/notifications_contract.hpp"

namespace signwatch::testing {
namespace {

using namespace std::chrono_literals;

TEST_P(NotificationContract, a_hint_makes_a_process_due_now) {
    watch("1", at(1'000));
    ProcessHint ended = hint_about("1");
    ended.ended = true;
    EXPECT_EQ(hint({ended}, at(5)).hurried, 1U);
    EXPECT_EQ(wait(store().next_due({"acme"})), at(5));
    reopen();
    const Watch claimed = claim({"acme"}, at(5)).at(0);
    EXPECT_TRUE(claimed.hurried);
    EXPECT_TRUE(claimed.said_ended);
    EXPECT_EQ(claimed.via, Via::webhook);
    finish_look(claimed, at(2'000));
    EXPECT_TRUE(claim({"acme"}, at(999)).empty());
    const Watch regular = claim({"acme"}, at(1'000)).at(0);
    EXPECT_FALSE(regular.hurried);
    EXPECT_EQ(regular.via, Via::poll);
}

TEST_P(NotificationContract, many_hints_about_a_process_are_one_look) {
    watch("1", at(1'000));
    EXPECT_EQ(hint({hint_about("1"), hint_about("1")}, at(5)).hurried, 2U);
    hint({hint_about("1")}, at(6));
    EXPECT_EQ(claim({"acme"}, at(7)).size(), 1U);
    EXPECT_TRUE(claim({"acme"}, at(8)).empty());
}

TEST_P(NotificationContract, the_same_token_again_is_no_news) {
    watch("1", at(1'000));
    EXPECT_EQ(hint({hint_about("1", "t1")}, at(5)).hurried, 1U);
    finish_look(claim({"acme"}, at(5)).at(0), at(2'000));
    reopen();
    EXPECT_EQ(hint({hint_about("1", "t1")}, at(6)).unchanged, 1U);
    EXPECT_TRUE(claim({"acme"}, at(7)).empty());
    EXPECT_EQ(hint({hint_about("1", "t2")}, at(8)).hurried, 1U);
    EXPECT_EQ(hint({hint_about("1")}, at(9)).hurried, 1U);
    EXPECT_EQ(hint({hint_about("1", "t2")}, at(10)).unchanged, 1U);
}

TEST_P(NotificationContract, what_is_not_looked_at_is_left_alone) {
    watch("paused", at(1));
    order("paused", ProcessOrder::pause, at(0));
    watch("removed", at(1));
    order("removed", ProcessOrder::remove, at(0));
    watch("ended", at(1));
    StatusUpdate last = found(claim({"acme"}, at(1)).at(0), "f", ProcessState::completed);
    last.ends_watch = true;
    commit(record(last, at(1)).id, at(1));
    const HintCounts counts =
        hint({hint_about("paused"), hint_about("removed"), hint_about("ended"), hint_about("nobody's")}, at(2));
    EXPECT_EQ(counts.unchanged, 3U);
    EXPECT_EQ(counts.unknown, 1U);
    EXPECT_TRUE(claim({"acme"}, at(100'000)).empty());
}

TEST_P(NotificationContract, what_a_webhook_told_of_before_it_was_registered_is_looked_at_at_once) {
    ProcessHint ended = hint_about("ended");
    ended.ended = true;
    EXPECT_EQ(hint({ended, hint_about("running")}, at(10)).unknown, 2U);
    hint({hint_about("ended")}, at(11));
    reopen();
    for (const char* process : {"ended", "running", "untold"})
        add(registration_of(process, "c"), at(100'000), at(20));
    const auto looks = claim({"acme"}, at(20));
    ASSERT_EQ(looks.size(), 2U);
    for (const Watch& look : looks) {
        EXPECT_TRUE(look.hurried);
        EXPECT_EQ(look.via, Via::webhook);
        EXPECT_EQ(look.said_ended, look.key.target == "ended");
        finish_look(look, at(100'000));
    }
    EXPECT_TRUE(claim({"acme"}, at(99'999)).empty()) << "one look, and the regular ones in their turn";
}

TEST_P(NotificationContract, early_hints_are_forgotten_when_they_are_old_or_too_many) {
    hint({hint_about("old")}, at(0));
    hint({hint_about("early")}, at(86'300));
    HintProcesses sweep;
    sweep.account = "acme";
    sweep.hints = {hint_about("swept")};
    sweep.via = Via::sweep;
    sweep.schedule_now = sweep.now = at(86'300);
    EXPECT_EQ(wait(store().hint_processes(sweep)).unknown, 1U);
    std::vector<ProcessHint> flood;
    for (int i = 0; i < 10'000; ++i)
        flood.push_back(hint_about("flood-" + std::to_string(i)));
    for (const char* process : {"old", "swept"})
        add(registration_of(process, "c"), at(200'000), at(86'401));
    EXPECT_TRUE(claim({"acme"}, at(86'401)).empty());
    hint(flood, at(86'402));
    for (const char* process : {"early", "flood-0", "flood-9999"})
        add(registration_of(process, "c"), at(200'000), at(86'403));
    EXPECT_EQ(claim({"acme"}, at(86'403)).size(), 2U);
}

TEST_P(NotificationContract, what_nobody_has_named_is_adopted_where_the_account_wants_it) {
    HintProcesses request;
    request.account = "acme";
    request.provider = ProviderKind::adobe_sign;
    request.hints = {hint_about("1", "t"), hint_about("2")};
    request.hints[0].reference = "loan-1";
    request.via = Via::sweep;
    request.adopts = true;
    request.regular_from = at(600);
    request.schedule_now = request.now = at(5);
    EXPECT_EQ(wait(store().hint_processes(request)).adopted, 2U);
    request.schedule_now = request.now = at(6);
    HintCounts again = wait(store().hint_processes(request));
    EXPECT_EQ(again.unchanged, 1U);
    EXPECT_EQ(again.hurried, 1U);
    reopen();

    const auto first = claim({"acme"}, at(7));
    ASSERT_EQ(first.size(), 2U);
    EXPECT_EQ(first[0].key, (WatchKey{"acme", WatchKind::process, "1"}));
    EXPECT_EQ(first[0].via, Via::sweep);
    EXPECT_EQ(first[0].since, at(5));
    for (const Watch& each : first)
        finish_look(each, at(0));
    EXPECT_EQ(claim({"acme"}, at(600)).size(), 2U);
    EXPECT_EQ(detail("1").process.correlation_id, "loan-1");
    EXPECT_EQ(detail("1").process.provider, ProviderKind::adobe_sign);
    EXPECT_EQ(detail("1").process.registered_at, std::nullopt);
    EXPECT_EQ(detail("2").process.correlation_id, "2");

    EXPECT_EQ(add(registration_of("1", "named by its caller"), at(700), at(8)).outcome, Registered::added);
    EXPECT_EQ(detail("1").process.correlation_id, "named by its caller");
    EXPECT_EQ(wait(store().count_watches("acme")), 2U);
}

TEST_P(NotificationContract, a_hint_during_a_regular_look_is_owed_and_waits_for_its_end) {
    watch("1", at(1));
    const Watch look = claim({"acme"}, at(1)).at(0);
    hint({hint_about("1")}, at(2));
    EXPECT_TRUE(claim({"acme"}, at(3)).empty());
    finish_look(look, at(1'000));
    const Watch owed = claim({"acme"}, at(999)).at(0);
    EXPECT_TRUE(owed.hurried);
}

TEST_P(NotificationContract, a_hint_during_a_hurried_look_is_owed_though_somebody_asked_for_it_meanwhile) {
    watch("1", at(100'000));
    hint({hint_about("1")}, at(1));
    const Watch first = claim({"acme"}, at(1)).at(0);
    hint({hint_about("1")}, at(2));
    EXPECT_TRUE(claim({"acme"}, at(3)).empty());
    finish_look(first, at(4));
    EXPECT_TRUE(claim({"acme"}, at(4)).at(0).hurried);
}

TEST_P(NotificationContract, a_hint_while_a_look_is_refused_does_not_wait_as_long) {
    const auto settle = [this](const Watch& look, bool refused) {
        SettleWatch settlement;
        settlement.watch = look.id;
        settlement.hurried = true;
        settlement.refused = refused;
        settlement.settled_at = at(3);
        settlement.due_at = at(90'000);
        wait(store().settle_watch(settlement));
    };
    for (const char* id : {"1", "2", "3"}) {
        watch(id, at(200'000));
        hint({hint_about(id)}, at(1));
    }
    const auto looks = claim({"acme"}, at(1));
    ASSERT_EQ(looks.size(), 3U);
    ProcessHint ended = hint_about("1");
    ended.ended = true;
    hint({ended, hint_about("2")}, at(2));
    settle(looks[0], true);
    settle(looks[1], false);
    settle(looks[2], true);
    const auto at_once = claim({"acme"}, at(3));
    ASSERT_EQ(at_once.size(), 1U) << "the provider's own refusal holds for 2, and nothing came about 3";
    EXPECT_EQ(at_once[0].key.target, "1");
    EXPECT_TRUE(at_once[0].said_ended);
    finish_look(at_once[0], at(4));
    EXPECT_EQ(claim({"acme"}, at(90'000)).size(), 2U);
}

TEST_P(NotificationContract, a_hint_during_a_look_survives_a_crash_in_it) {
    watch("1", at(1));
    claim({"acme"}, at(1));
    hint({hint_about("1")}, at(2));
    EXPECT_TRUE(claim({"acme"}, at(3)).empty());
    reopen();
    const auto after = claim({"acme"}, at(10'000));
    ASSERT_FALSE(after.empty());
    EXPECT_TRUE(after[0].hurried);
}

TEST_P(NotificationContract, a_hurried_look_knows_how_often_it_failed) {
    watch("1", at(100'000));
    hint({hint_about("1")}, at(1));
    for (int failures = 0; failures < 3; ++failures) {
        const Watch look = claim({"acme"}, at(10 * failures + 1)).at(0);
        EXPECT_EQ(look.memory.errors, failures);
        SettleWatch failed;
        failed.watch = look.id;
        failed.hurried = true;
        failed.settled_at = at(10 * failures + 2);
        failed.due_at = at(10 * failures + 11);
        failed.memory.errors = failures + 1;
        wait(store().settle_watch(failed));
        EXPECT_TRUE(claim({"acme"}, at(10 * failures + 10)).empty());
        reopen();
    }
}

TEST_P(NotificationContract, regular_looks_can_be_held_back_alone) {
    watch("1", at(1));
    watch("2", at(1));
    hint({hint_about("1")}, at(1));
    ClaimWatches request;
    request.now = at(5);
    request.accounts = {{"acme", 600s, 100, 0}};
    const auto claimed = wait(store().claim_due_watches(request));
    ASSERT_EQ(claimed.size(), 1U);
    EXPECT_EQ(claimed[0].key.target, "1");
    EXPECT_TRUE(claimed[0].hurried);
}

TEST_P(NotificationContract, a_bookmark_is_kept_until_another_replaces_it) {
    wait(store().sync_watches("acme", {{"acme", WatchKind::sweep, "recent"}}, at(0)));
    SettleWatch settlement;
    settlement.watch = claim({"acme"}, at(1)).at(0).id;
    settlement.due_at = at(10);
    settlement.settled_at = at(2);
    settlement.bookmark = std::string("page\0two", 8);
    wait(store().settle_watch(settlement));
    reopen();
    EXPECT_EQ(claim({"acme"}, at(10)).at(0).bookmark, settlement.bookmark);
    settlement.bookmark = std::nullopt;
    settlement.due_at = at(20);
    wait(store().settle_watch(settlement));
    Watch again = claim({"acme"}, at(20)).at(0);
    EXPECT_EQ(again.bookmark, std::string("page\0two", 8));
    wait(store().hurry_watches({again.key}, at(21)));
    settlement.bookmark = "";
    settlement.due_at = at(30);
    settlement.settled_at = at(22);
    wait(store().settle_watch(settlement));
    again = claim({"acme"}, at(23)).at(0);
    EXPECT_TRUE(again.hurried);
    EXPECT_EQ(again.bookmark, "");
}

TEST_P(NotificationContract, standing_watches_can_be_hurried_and_their_account_still_has_to_wait) {
    const WatchKey sweep{"acme", WatchKind::sweep, "recent"};
    wait(store().sync_watches("acme", {sweep, queue("acme", "portal")}, at(0)));
    for (const Watch& each : claim({"acme"}, at(1)))
        settle(each.id, at(50), each.key.kind == WatchKind::queue);
    wait(store().hurry_watches({sweep, {"acme", WatchKind::sweep, "unknown"}, {"nobody", WatchKind::sweep, "x"}},
                               at(2)));
    EXPECT_TRUE(claim({"acme"}, at(49)).empty());
    const Watch first = claim({"acme"}, at(50)).at(0);
    EXPECT_EQ(first.key, sweep);
    EXPECT_TRUE(first.hurried);

    wait(store().hurry_watches({sweep}, at(51)));
    wait(store().sync_watches("acme", {queue("acme", "portal")}, at(52)));
    for (const Watch& each : claim({"acme"}, at(100'000)))
        EXPECT_EQ(each.key, queue("acme", "portal"));
}

TEST_P(NotificationContract, within_the_gap_nobody_looks_again_whoever_wants_to_know) {
    watch("1", at(1));
    const Watch first = claim_with_gap(at(1), 600s).at(0);
    SettleWatch settlement;
    settlement.watch = first.id;
    settlement.settled_at = at(2);
    settlement.repeat_from = at(602);
    settlement.due_at = at(60);  // not even in its turn
    settlement.answered = true;
    wait(store().settle_watch(settlement));
    EXPECT_EQ(hint({hint_about("1")}, at(3)).hurried, 1U);
    EXPECT_TRUE(claim_with_gap(at(3), 600s).empty());
    EXPECT_TRUE(claim_with_gap(at(61), 600s).empty());
    reopen();
    hint({hint_about("1")}, at(601));
    EXPECT_TRUE(claim_with_gap(at(601), 600s).empty());
    const auto second = claim_with_gap(at(603), 600s);
    ASSERT_EQ(second.size(), 1U) << "one look, though two were owed";
    EXPECT_TRUE(second[0].hurried);
}

TEST_P(NotificationContract, a_hint_during_a_look_comes_when_the_gap_has_passed) {
    watch("1", at(1));
    const Watch first = claim_with_gap(at(1), 20s).at(0);
    hint({hint_about("1")}, at(2));
    EXPECT_TRUE(claim_with_gap(at(2), 20s).empty());
    SettleWatch settlement;
    settlement.watch = first.id;
    settlement.settled_at = at(3);
    settlement.repeat_from = at(23);
    settlement.due_at = at(1'000);
    settlement.answered = true;
    wait(store().settle_watch(settlement));
    EXPECT_EQ(wait(store().next_due({"acme"})), at(23));
    EXPECT_TRUE(claim_with_gap(at(22), 20s).empty());
    EXPECT_TRUE(claim_with_gap(at(23), 20s).at(0).hurried);
}

TEST_P(NotificationContract, the_gap_holds_when_the_daemon_dies_in_a_look) {
    watch("1", at(1));
    EXPECT_EQ(claim_with_gap(at(1), 600s, 700s).size(), 1U);
    reopen();
    hint({hint_about("1")}, at(2));
    order("1", ProcessOrder::poll_now, at(2));
    EXPECT_TRUE(claim_with_gap(at(2), 600s, 700s).empty());
    EXPECT_TRUE(claim_with_gap(at(700), 600s, 700s).empty());
    EXPECT_EQ(claim_with_gap(at(702), 600s, 700s).size(), 1U);
}

TEST_P(NotificationContract, those_that_have_to_wait_do_not_block_the_others) {
    for (int i = 0; i < 20; ++i)
        watch(std::to_string(i), at(i));
    for (const Watch& each : claim_with_gap(at(9), 600s)) {
        SettleWatch settlement;
        settlement.watch = each.id;
        settlement.settled_at = at(9);
        settlement.repeat_from = at(609);
        settlement.due_at = at(10);
        wait(store().settle_watch(settlement));
        hint({hint_about(each.key.target)}, at(10));
    }
    ClaimWatches request;
    request.now = at(30);
    request.accounts = {{"acme", 1'200s, 4, 4, 600s}};
    const auto claimed = wait(store().claim_due_watches(request));
    ASSERT_EQ(claimed.size(), 4U);
    for (std::size_t i = 0; i < 4; ++i)
        EXPECT_EQ(claimed[i].key.target, std::to_string(10 + i));
}

TEST_P(NotificationContract, what_completing_found_is_what_was_seen_and_may_be_the_end) {
    for (const std::string process : {"goes on", "ended"}) {
        watch(process, at(1));
        const Watch claimed = claim({"acme"}, at(1)).at(0);
        StatusUpdate presumed = found(claimed, "said-ended/1", ProcessState::completed);
        presumed.incomplete = true;
        CommitUpdate request;
        request.id = record(presumed, at(1)).id;
        request.compose = make_event();
        request.now = at(2);
        request.completed = found(claimed, "as a look would have found it", ProcessState::in_progress);
        request.completed->ends_watch = process == "ended";
        EXPECT_TRUE(wait(store().commit_update(request)));
        finish_look(claimed, at(10));
    }
    reopen();
    const auto left = claim({"acme"}, at(10));
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left[0].key.target, "goes on");
    EXPECT_EQ(left[0].seen, "as a look would have found it");
}

TEST_P(NotificationContract, an_end_that_was_presumed_and_seen_as_well_is_told_once) {
    watch("1", at(1));
    const Watch claimed = claim({"acme"}, at(1)).at(0);
    StatusUpdate presumed = found(claimed, "said-ended/1", ProcessState::completed);
    presumed.incomplete = true;
    StatusUpdate seen = found(claimed, "f", ProcessState::completed);
    seen.incomplete = seen.ends_watch = true;
    CommitUpdate first;
    first.id = record(presumed, at(1)).id;
    CommitUpdate second;
    second.id = record(seen, at(2)).id;
    first.compose = second.compose = make_event();
    first.now = second.now = at(3);
    first.completed = second.completed = seen;
    EXPECT_TRUE(wait(store().commit_update(first)));
    EXPECT_TRUE(wait(store().commit_update(second)));
    EXPECT_EQ(outbox().size(), 1U);
    EXPECT_TRUE(claim({"acme"}, at(100'000)).empty());
}

TEST_P(NotificationContract, a_commit_keeps_looks_away_from_what_the_line_has_just_asked) {
    watch("1", at(1));
    const Watch look = claim_with_gap(at(1), 20s).at(0);
    SettleWatch settlement;
    settlement.watch = look.id;
    settlement.settled_at = at(2);
    settlement.repeat_from = at(22);
    settlement.due_at = at(22);
    CommitUpdate request;
    request.id = record(found(look, "f", ProcessState::in_progress), at(2)).id;
    wait(store().settle_watch(settlement));
    request.compose = make_event();
    request.now = at(15);
    request.repeat_from = at(35);
    EXPECT_TRUE(wait(store().commit_update(request)));
    EXPECT_TRUE(claim_with_gap(at(34), 20s).empty());
    EXPECT_EQ(claim_with_gap(at(35), 20s).size(), 1U);
}

TEST_P(NotificationContract, updates_are_taken_up_again_when_the_gap_has_passed) {
    record(make_update("1", "f", ProcessState::in_progress), at(1));
    const UpdateId deferred = record(make_update("2", "f", ProcessState::in_progress), at(1)).id;
    defer(deferred, at(105), false);
    reopen();
    EXPECT_EQ(wait(store().resume_unfinished({"acme"}, at(100), 600s)), 2U);
    EXPECT_EQ(wait(store().next_unfinished({"acme"})), at(105));
    EXPECT_EQ(unfinished_ids(at(105), at(1'005)), std::vector<UpdateId>{deferred});
    EXPECT_TRUE(unfinished(at(699), at(2'000)).empty());
    // Another start does not put off what already waits, and what was under way waits anew.
    wait(store().resume_unfinished({"acme"}, at(300), 600s));
    EXPECT_EQ(unfinished(at(700), at(2'000)).size(), 1U);
    EXPECT_TRUE(unfinished(at(899), at(2'000)).empty());
    EXPECT_EQ(unfinished_ids(at(900), at(2'000)), std::vector<UpdateId>{deferred});
}

TEST_P(NotificationContract, not_even_an_order_retries_a_parked_update_within_the_gap) {
    const UpdateId id = record(make_update("1", "f", ProcessState::in_progress), at(1)).id;
    ParkUpdate request;
    request.id = id;
    request.code = "document_corrupt";
    request.compose = make_event();
    request.now = at(2);
    request.retry_from = at(600);
    wait(store().park_update(request));
    reopen();
    EXPECT_EQ(wait(store().retry_parked("acme", "1", at(3))), 1U);
    EXPECT_TRUE(unfinished(at(599), at(2'000)).empty());
    EXPECT_EQ(unfinished(at(600), at(2'000)).size(), 1U);
}

TEST_P(NotificationContract, an_update_says_what_made_us_look) {
    StatusUpdate update = make_update("1", "f", ProcessState::in_progress);
    update.via = Via::sweep;
    record(update, at(1));
    EXPECT_EQ(unfinished(at(10'000), at(20'000)).at(0).update.via, Via::sweep);
}

}  // namespace
}  // namespace signwatch::testing
