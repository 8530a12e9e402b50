#include "tests/simulator/posten/world.hpp"

#include <gtest/gtest.h>

namespace signwatch::simulator {
namespace {

using namespace std::chrono_literals;

const QueueKey default_queue{"123456789", Flow::portal, ""};

Moment at(microseconds time) {
    return {time, time + microseconds{1'700'000'000'000'000}};
}

JobSpec spec_of(Scenario scenario, int signers = 1) {
    JobSpec spec;
    spec.organisation = default_queue.organisation;
    spec.scenario = scenario;
    spec.signers = signers;
    return spec;
}

class PostenWorldTest : public ::testing::Test {
protected:
    explicit PostenWorldTest(Rules rules = {}) : world(rules, referee) {}

    Job& add(const JobSpec& spec, microseconds release = 0s) {
        Job& job = world.create_job(spec);
        world.schedule(job, release);
        return job;
    }
    PollAnswer poll(microseconds time, const PollFaults& faults = {}) {
        return world.poll(default_queue, faults, at(time));
    }
    void fetch(Job& job, Document& document) { world.finish_download(world.begin_download(job, document)); }
    void fetch_all(Job& job) {
        fetch(job, job.pades);
        for (Document& document : job.xades) {
            if (document.wanted) fetch(job, document);
        }
    }

    Referee referee;
    PostenWorld world;
};

TEST_F(PostenWorldTest, refuses_a_poll_before_the_permitted_time_and_blames_the_client) {
    const PollAnswer empty = poll(0s);
    ASSERT_EQ(empty.outcome, PollOutcome::empty);
    EXPECT_EQ(empty.permitted, 600s);
    const PollAnswer early = poll(599'500ms);
    EXPECT_EQ(early.outcome, PollOutcome::too_early);
    EXPECT_EQ(early.permitted, 600'500ms);
    EXPECT_EQ(referee.count_of(Violation::polls_before_permitted), 1u);
    EXPECT_EQ(poll(600'500ms).outcome, PollOutcome::empty);
    EXPECT_EQ(referee.violations(), 1u);
}

TEST_F(PostenWorldTest, an_early_poll_never_shortens_the_wait) {
    poll(0s);
    EXPECT_EQ(poll(1s).permitted, 600s);
}

TEST_F(PostenWorldTest, does_not_blame_a_client_that_was_never_told_the_time) {
    poll(0s, {.withhold_time = true});
    EXPECT_EQ(poll(1s).outcome, PollOutcome::too_early);
    EXPECT_EQ(referee.violations(), 0u);
    EXPECT_EQ(referee.count_of(Tally::polls_gated_by_fault), 1u);
    poll(2s);
    EXPECT_EQ(referee.count_of(Violation::polls_before_permitted), 1u) << "the answer 429 had told it";
}

TEST_F(PostenWorldTest, a_hidden_gate_closes_after_an_update_without_blame) {
    add(spec_of(Scenario::completed));
    EXPECT_EQ(poll(0s, {.hidden_gate = true}).outcome, PollOutcome::update);
    EXPECT_EQ(poll(1s).outcome, PollOutcome::too_early);
    EXPECT_EQ(referee.violations(), 0u);
}

TEST_F(PostenWorldTest, hands_out_each_update_once_and_permits_the_next_poll_at_once) {
    Job& first = add(spec_of(Scenario::completed));
    Job& second = add(spec_of(Scenario::completed));
    EXPECT_EQ(poll(0s).job, &first);
    EXPECT_EQ(poll(0s).job, &second);
    EXPECT_EQ(poll(0s).outcome, PollOutcome::empty);
    EXPECT_EQ(referee.violations(), 0u);
}

TEST_F(PostenWorldTest, keeps_organisations_flows_and_queue_names_apart) {
    JobSpec spec = spec_of(Scenario::completed);
    spec.queue = "søknad & co";
    add(spec);
    EXPECT_EQ(poll(0s).outcome, PollOutcome::empty);
    EXPECT_EQ(world.poll({"123456789", Flow::direct, spec.queue}, {}, at(0s)).outcome, PollOutcome::empty);
    EXPECT_EQ(world.poll({"987654321", Flow::portal, spec.queue}, {}, at(0s)).outcome, PollOutcome::empty);
    EXPECT_EQ(world.poll({"123456789", Flow::portal, spec.queue}, {}, at(0s)).outcome, PollOutcome::update);
}

TEST_F(PostenWorldTest, offers_an_unconfirmed_update_again_after_ten_minutes) {
    Job& job = add(spec_of(Scenario::completed));
    poll(0s);
    EXPECT_EQ(poll(599s).outcome, PollOutcome::empty);
    EXPECT_EQ(world.preview({"123456789", Flow::portal, "other"}, at(600s)), PollOutcome::empty);
    EXPECT_EQ(job.updates.front().state, UpdateState::queued);
    const PollAnswer again = poll(1199s);
    EXPECT_EQ(again.outcome, PollOutcome::update);
    EXPECT_EQ(again.update->deliveries, 2);
    EXPECT_EQ(referee.count_of(Tally::redeliveries), 1u);
}

TEST_F(PostenWorldTest, a_confirmed_update_never_comes_back) {
    Job& job = add(spec_of(Scenario::completed));
    poll(0s);
    fetch_all(job);
    EXPECT_EQ(world.confirm(job, at(1s)), ConfirmOutcome::confirmed);
    EXPECT_TRUE(job.deleted);
    EXPECT_EQ(poll(700s).outcome, PollOutcome::empty);
    EXPECT_EQ(referee.violations(), 0u);
}

TEST_F(PostenWorldTest, a_late_confirmation_takes_a_requeued_update_out_of_the_queue) {
    Job& job = add(spec_of(Scenario::failed));
    poll(0s);
    world.advance(at(601s));
    EXPECT_EQ(world.confirm(job, at(602s)), ConfirmOutcome::confirmed);
    EXPECT_EQ(poll(603s).outcome, PollOutcome::empty);
}

TEST_F(PostenWorldTest, a_job_in_progress_yields_an_update_for_each_signer_once_the_earlier_is_confirmed) {
    Job& job = add(spec_of(Scenario::in_progress, 3));
    for (int round = 0; round < 3; ++round) {
        const PollAnswer answer = poll(0s);
        ASSERT_EQ(answer.outcome, PollOutcome::update);
        EXPECT_EQ(answer.update->status, round < 2 ? JobStatus::in_progress : JobStatus::completed_successfully);
        EXPECT_EQ(answer.update->signers[2].status, round < 2 ? "WAITING" : "SIGNED");
        EXPECT_EQ(world.preview(default_queue, at(0s)), PollOutcome::empty);
        fetch_all(job);
        EXPECT_EQ(world.confirm(job, at(0s)), ConfirmOutcome::confirmed);
    }
    EXPECT_TRUE(job.deleted);
    EXPECT_EQ(referee.violations(), 0u);
}

TEST_F(PostenWorldTest, a_signers_since_stays_while_its_status_stays) {
    Job& job = add(spec_of(Scenario::in_progress, 2));
    poll(0s);
    const microseconds since = job.updates[0].signers[0].since;
    fetch_all(job);
    world.confirm(job, at(9s));
    EXPECT_EQ(job.updates[1].signers[0].since, since);
    EXPECT_EQ(job.updates[1].signers[1].since, at(9s).wall);
}

TEST_F(PostenWorldTest, catches_a_confirmation_before_the_documents_were_downloaded_as_a_loss) {
    Job& job = add(spec_of(Scenario::completed, 2));
    poll(0s);
    fetch(job, job.pades);
    fetch(job, job.xades[0]);
    world.confirm(job, at(1s));
    EXPECT_EQ(referee.count_of(Violation::confirmed_before_downloaded), 1u);
    EXPECT_EQ(referee.count_of(Violation::lost_documents), 1u);
}

TEST_F(PostenWorldTest, wants_the_xades_of_a_signer_of_a_failed_job_but_no_pades) {
    Job& job = add(spec_of(Scenario::failed, 3));
    const PollAnswer answer = poll(0s);
    EXPECT_EQ(answer.update->signers[0].status, "SIGNED");
    EXPECT_EQ(answer.update->signers[2].status, "NOT_APPLICABLE");
    EXPECT_FALSE(job.pades.wanted);
    world.confirm(job, at(0s));
    EXPECT_EQ(referee.count_of(Violation::lost_documents), 1u);
}

TEST_F(PostenWorldTest, catches_a_repeated_confirmation_that_hits_the_final_update_behind_it) {
    Job& job = add(spec_of(Scenario::in_progress, 2));
    poll(0s);
    fetch_all(job);
    world.confirm(job, at(1s));
    ASSERT_EQ(poll(2s).update->status, JobStatus::completed_successfully);
    EXPECT_EQ(world.confirm(job, at(3s)), ConfirmOutcome::confirmed) << "the URL belongs to the job";
    EXPECT_TRUE(job.deleted);
    EXPECT_EQ(referee.count_of(Violation::confirmed_before_downloaded), 1u);
    EXPECT_EQ(referee.count_of(Violation::lost_documents), 2u);
}

TEST_F(PostenWorldTest, counts_a_repetition_that_hits_nothing_without_blame) {
    Job& job = add(spec_of(Scenario::in_progress, 2));
    EXPECT_EQ(world.confirm(job, at(0s)), ConfirmOutcome::unknown);
    poll(0s);
    fetch_all(job);
    world.confirm(job, at(1s));
    EXPECT_EQ(world.confirm(job, at(2s)), ConfirmOutcome::repeated);
    EXPECT_EQ(referee.count_of(Tally::duplicate_confirms), 1u);
    EXPECT_EQ(referee.violations(), 0u);
}

TEST_F(PostenWorldTest, a_download_begun_before_the_final_offer_does_not_count) {
    JobSpec spec = spec_of(Scenario::in_progress, 2);
    spec.pades_in_progress = true;
    Job& job = add(spec);
    poll(0s);
    ASSERT_TRUE(job.pades.offered);
    const Download unfinished = world.begin_download(job, job.pades);
    fetch(job, job.xades[0]);
    world.confirm(job, at(0s));
    poll(0s);
    world.finish_download(unfinished);
    EXPECT_FALSE(job.pades.downloaded);
    EXPECT_TRUE(job.pades.wanted);
}

TEST_F(PostenWorldTest, changes_may_come_by_time_and_supersede_what_is_in_flight) {
    JobSpec spec = spec_of(Scenario::in_progress, 2);
    spec.progress_every = 10s;
    Job& job = add(spec);
    poll(0s);
    ASSERT_EQ(poll(10s).update->status, JobStatus::completed_successfully);
    world.advance(at(601s));
    EXPECT_EQ(job.updates[0].state, UpdateState::superseded) << "its state is no longer the job's";
    fetch_all(job);
    EXPECT_EQ(world.confirm(job, at(602s)), ConfirmOutcome::confirmed);
    EXPECT_TRUE(job.deleted);
}

TEST_F(PostenWorldTest, cancelling_ends_a_job_with_an_update_and_conflicts_afterwards) {
    Job& job = add(spec_of(Scenario::in_progress, 2));
    poll(0s);
    fetch_all(job);
    EXPECT_EQ(world.cancel(job, at(1s)), CancelOutcome::cancelled);
    const PollAnswer answer = poll(1s);
    EXPECT_EQ(answer.update->status, JobStatus::failed);
    EXPECT_EQ(answer.update->signers[0].status, "CANCELLED");
    EXPECT_EQ(world.cancel(job, at(2s)), CancelOutcome::conflict);
}

TEST_F(PostenWorldTest, an_unheard_of_signer_status_stays_with_the_update) {
    Job& job = add(spec_of(Scenario::completed, 2));
    EXPECT_EQ(poll(0s, {.obscure_signer = true}).update->signers[1].status, "IDENTITY_UNDER_REVIEW");
    EXPECT_EQ(poll(600s).update->signers[1].status, "IDENTITY_UNDER_REVIEW");
    EXPECT_FALSE(job.xades[1].wanted);
}

TEST_F(PostenWorldTest, updates_appear_at_their_time_and_say_when_they_were_offered) {
    Job& job = add(spec_of(Scenario::completed), 700s);
    EXPECT_EQ(poll(0s).outcome, PollOutcome::empty);
    EXPECT_EQ(poll(701s).job, &job);
    EXPECT_EQ(job.updates.front().offered_at, at(700s).wall);
}

class EscalatingWorldTest : public PostenWorldTest {
protected:
    EscalatingWorldTest() : PostenWorldTest({.empty_interval = 1s, .gate_penalty = 2s, .escalate = true}) {}
};

TEST_F(EscalatingWorldTest, the_penalty_doubles_until_a_poll_comes_in_time) {
    poll(0s);
    EXPECT_EQ(poll(0s).permitted, 2s);
    EXPECT_EQ(poll(0s).permitted, 4s);
    EXPECT_EQ(poll(0s).permitted, 8s);
    EXPECT_EQ(poll(8s).outcome, PollOutcome::empty);
    EXPECT_EQ(poll(8s).permitted, 10s);
}

class ReplacingWorldTest : public PostenWorldTest {
protected:
    ReplacingWorldTest() : PostenWorldTest({.replace_queued = true}) {}
};

TEST_F(ReplacingWorldTest, a_newer_change_replaces_the_queued_one) {
    JobSpec spec = spec_of(Scenario::in_progress, 3);
    spec.progress_every = 1s;
    Job& job = add(spec);
    EXPECT_EQ(poll(5s).update->status, JobStatus::completed_successfully);
    EXPECT_EQ(world.preview(default_queue, at(5s)), PollOutcome::empty);
    EXPECT_EQ(job.updates.front().state, UpdateState::superseded);
}

class UnlimitedWorldTest : public PostenWorldTest {
protected:
    UnlimitedWorldTest() : PostenWorldTest({.limits = false}) {}
};

TEST_F(UnlimitedWorldTest, never_refuses_a_poll) {
    poll(0s);
    EXPECT_EQ(poll(0s).outcome, PollOutcome::empty);
    EXPECT_EQ(referee.violations(), 0u);
}

}  // namespace
}  // namespace signwatch::simulator
