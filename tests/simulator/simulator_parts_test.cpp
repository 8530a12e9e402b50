#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/simulator/posten/call_budget.hpp"
#include "tests/simulator/posten/faults.hpp"
#include "tests/simulator/posten/options.hpp"
#include "tests/simulator/posten/target.hpp"
#include "tests/simulator/posten/xml.hpp"
#include "tests/simulator/wire_time.hpp"

namespace signwatch::simulator {
namespace {

using namespace std::chrono_literals;

Moment at(microseconds time) {
    return {time, time};
}

TEST(CallBudgetTest, permits_ten_calls_a_second_and_blocks_at_the_eleventh) {
    Referee referee;
    CallBudget budget(Rules{}, referee);
    for (int i = 0; i < 10; ++i)
        EXPECT_TRUE(budget.admit("123456789", at(i * 99ms)));
    EXPECT_TRUE(budget.admit("987654321", at(999ms))) << "another organisation has its own budget";
    EXPECT_FALSE(budget.admit("123456789", at(999ms)));
    EXPECT_FALSE(budget.admit("123456789", at(30'998ms)));
    EXPECT_TRUE(budget.admit("123456789", at(30'999ms)));
    EXPECT_EQ(referee.count_of(Violation::rate_exceeded), 2u);
    EXPECT_EQ(referee.count_of(Tally::max_calls_in_one_second), 11u);
}

TEST(CallBudgetTest, ten_calls_in_each_second_are_no_violation) {
    Referee referee;
    CallBudget budget(Rules{}, referee);
    for (int i = 0; i < 100; ++i)
        EXPECT_TRUE(budget.admit("123456789", at(i * 100ms)));
    EXPECT_EQ(referee.violations(), 0u);
}

TEST(CallBudgetTest, a_block_by_fault_blames_nobody) {
    Referee referee;
    CallBudget budget(Rules{}, referee);
    budget.block_by_fault("123456789", at(0s));
    EXPECT_FALSE(budget.admit("123456789", at(1s)));
    EXPECT_TRUE(budget.admit("123456789", at(30s)));
    EXPECT_EQ(referee.violations(), 0u);
    EXPECT_EQ(referee.count_of(Tally::calls_blocked_by_fault), 1u);
}

TEST(FaultsTest, count_each_and_always_fire_as_often_as_they_say) {
    Faults faults;
    faults.set("pades-500:2");
    faults.set("gzip:each");
    faults.set("doctype");
    EXPECT_TRUE(faults.fires(Fault::pades_500));
    EXPECT_TRUE(faults.fires(Fault::pades_500));
    EXPECT_FALSE(faults.fires(Fault::pades_500));
    EXPECT_TRUE(faults.fires(Fault::gzip, 1));
    EXPECT_FALSE(faults.fires(Fault::gzip, 1));
    EXPECT_TRUE(faults.fires(Fault::gzip, 2));
    EXPECT_TRUE(faults.fires(Fault::doctype));
    faults.clear("doctype");
    EXPECT_FALSE(faults.fires(Fault::doctype));
    EXPECT_EQ(faults.to_json()["pades-500"]["fired"], 2);
}

TEST(FaultsTest, random_faults_are_the_same_for_the_same_seed) {
    Faults left(7);
    Faults right(7);
    left.set("slow-body:0.5");
    right.set("slow-body:0.5");
    int fired = 0;
    for (int i = 0; i < 200; ++i) {
        const bool fires = left.fires(Fault::slow_body);
        EXPECT_EQ(fires, right.fires(Fault::slow_body));
        fired += fires ? 1 : 0;
    }
    EXPECT_GT(fired, 60);
    EXPECT_LT(fired, 140);
}

TEST(FaultsTest, refuses_what_it_does_not_know) {
    Faults faults;
    EXPECT_THROW(faults.set("no-such-fault"), std::invalid_argument);
    EXPECT_THROW(faults.set("gzip:often"), std::invalid_argument);
    EXPECT_EQ(fault_names()[static_cast<std::size_t>(Fault::confirm_slow)], "confirm-slow");
    EXPECT_EQ(fault_names()[static_cast<std::size_t>(Fault::pades_500)], "pades-500");
}

TEST(TargetTest, absent_bare_and_empty_queue_names_mean_the_default_queue) {
    for (const char* query : {"", "?polling_queue", "?polling_queue=", "?other=1"}) {
        const Target target = read_target(std::string{"/api/123456789/portal/signature-jobs"} + query);
        EXPECT_EQ(target.kind, TargetKind::queue) << query;
        EXPECT_EQ(target.queue, "") << query;
    }
}

TEST(TargetTest, decodes_queue_names) {
    EXPECT_EQ(read_target("/api/123456789/direct/signature-jobs?polling_queue=s%C3%B8knad%26a+b").queue, "søknad&a b");
    EXPECT_EQ(read_target("/api/123456789/direct/signature-jobs?polling_queue=%zz").kind, TargetKind::unknown);
    EXPECT_EQ(read_target("/api/123456789/direct/signature-jobs?polling_queue=%C").kind, TargetKind::unknown);
}

TEST(TargetTest, knows_the_resources_of_a_job) {
    EXPECT_EQ(read_target("/api/123456789/portal/signature-jobs/17/complete").kind, TargetKind::confirm);
    EXPECT_EQ(read_target("/api/123456789/portal/signature-jobs/17/pades").job, 17);
    EXPECT_EQ(read_target("/api/123456789/direct/signature-jobs/17/xades/2").signer, 2);
    EXPECT_EQ(read_target("/api/123456789").kind, TargetKind::organisation);
    for (const char* unknown : {"/",
                                "/api",
                                "/api/12",
                                "/api/123456789/portal",
                                "/api/123456789/other/signature-jobs",
                                "/api/123456789/portal/signature-jobs/0/pades",
                                "/api/123456789/direct/signature-jobs/1/cancel",
                                "/api/123456789/portal/signature-jobs/1",
                                "/api/123456789/portal/signature-jobs/1/xades/x"}) {
        EXPECT_EQ(read_target(unknown).kind, TargetKind::unknown) << unknown;
    }
}

TEST(WireTimeTest, writes_norwegian_time_rounded_up_to_the_millisecond) {
    const microseconds wall{1'555'925'986'609'001};
    EXPECT_EQ(norwegian_time(wall), "2019-04-22T10:39:46.610+01:00");
    EXPECT_EQ(offsetless_time(wall), "2019-04-22T10:39:46.610");
    EXPECT_EQ(http_date(wall), "Mon, 22 Apr 2019 09:39:46 GMT");
}

TEST(VirtualClockTest, a_time_ahead_comes_sooner_on_a_faster_clock) {
    const Moment now{100s, 5000s};
    EXPECT_EQ(wall_of(700s, now, 1.0), 5600s);
    EXPECT_EQ(wall_of(700s, now, 60.0), 5010s);
    EXPECT_EQ(wall_of(40s, now, 60.0), 4999s);
}

TEST(PlannedJobsTest, take_turns_over_queues_flows_and_organisations) {
    PostenOptions options;
    options.organisations = {"111111111", "222222222"};
    options.mix.jobs = 8;
    options.mix.queues = {"", "b"};
    options.mix.flows = {Flow::portal, Flow::direct};
    const auto jobs = planned_jobs(options);
    ASSERT_EQ(jobs.size(), 8u);
    EXPECT_EQ(jobs[1].queue, "b");
    EXPECT_EQ(jobs[1].flow, Flow::portal);
    EXPECT_EQ(jobs[2].flow, Flow::direct);
    EXPECT_EQ(jobs[3].organisation, "111111111");
    EXPECT_EQ(jobs[4].organisation, "222222222");
}

TEST(PlannedJobsTest, follow_the_weights_and_the_seed) {
    PostenOptions options;
    options.mix.jobs = 1000;
    options.mix.signers = {2, 4};
    options.mix.weights = {{Scenario::completed, 80}, {Scenario::failed, 20}};
    const auto jobs = planned_jobs(options);
    const auto failed =
        std::count_if(jobs.begin(), jobs.end(), [](const JobSpec& job) { return job.scenario == Scenario::failed; });
    EXPECT_GT(failed, 120);
    EXPECT_LT(failed, 280);
    const auto again = planned_jobs(options);
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        EXPECT_GE(jobs[i].signers, 2);
        EXPECT_LE(jobs[i].signers, 4);
        EXPECT_EQ(jobs[i].signers, again[i].signers);
        EXPECT_EQ(jobs[i].scenario, again[i].scenario);
    }
}

class XmlTest : public ::testing::Test {
protected:
    std::string write(Flow flow, Scenario scenario, XmlForm form = {}) {
        JobSpec spec;
        spec.organisation = "123456789";
        spec.flow = flow;
        spec.scenario = scenario;
        spec.signers = 2;
        spec.reference = "a < b & \"c\"";
        Job& job = world.create_job(spec);
        world.schedule(job, 0s);
        form.root = "https://h/api";
        const PollAnswer answer = world.poll({spec.organisation, flow, ""}, {}, at(0s));
        return write_update(*answer.job, *answer.update, form);
    }
    Referee referee;
    PostenWorld world{{}, referee};
};

TEST_F(XmlTest, a_portal_update_has_the_elements_of_the_schema_in_its_order) {
    EXPECT_EQ(write(Flow::portal, Scenario::completed),
              R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>)"
              R"(<portal-signature-job-status-change-response xmlns="http://signering.posten.no/schema/v1">)"
              R"(<reference>a &lt; b &amp; &quot;c&quot;</reference><signature-job-id>1001</signature-job-id>)"
              R"(<status>COMPLETED_SUCCESSFULLY</status>)"
              R"(<confirmation-url>https://h/api/123456789/portal/signature-jobs/1001/complete</confirmation-url>)"
              R"(<signatures><signature><status since="1970-01-01T01:00:00.000+01:00">SIGNED</status>)"
              R"(<identifier><sms number="+4790010011"/></identifier>)"
              R"(<xades-url>https://h/api/123456789/portal/signature-jobs/1001/xades/1</xades-url></signature>)"
              R"(<signature><status since="1970-01-01T01:00:00.000+01:00">SIGNED</status>)"
              R"(<personal-identification-number>01010010012</personal-identification-number>)"
              R"(<xades-url>https://h/api/123456789/portal/signature-jobs/1001/xades/2</xades-url></signature>)"
              R"(<pades-url>https://h/api/123456789/portal/signature-jobs/1001/pades</pades-url></signatures>)"
              R"(</portal-signature-job-status-change-response>)");
}

TEST_F(XmlTest, a_direct_update_names_its_signers_in_attributes) {
    const std::string text = write(Flow::direct, Scenario::in_progress);
    EXPECT_NE(text.find("<signature-job-status>IN_PROGRESS</signature-job-status><status signer="), std::string::npos);
    EXPECT_NE(text.find(R"(<xades-url signer=")"), std::string::npos);
    EXPECT_EQ(text.find("xades/2"), std::string::npos) << "the second signer has not signed";
    EXPECT_EQ(text.find("pades-url"), std::string::npos);
    EXPECT_EQ(text.find("cancellation-url"), std::string::npos);
}

TEST_F(XmlTest, forms_change_only_what_they_name) {
    const std::string prefixed = write(Flow::portal, Scenario::in_progress, {.ns4_prefix = true});
    EXPECT_NE(prefixed.find(R"(xmlns="http://uri.etsi.org/01903/v1.3.2#")"), std::string::npos);
    EXPECT_NE(prefixed.find("<ns4:signature-job-id>"), std::string::npos);
    EXPECT_NE(prefixed.find("<ns4:cancellation-url>"), std::string::npos);
    EXPECT_NE(write(Flow::portal, Scenario::failed, {.unknown_status = true}).find("PARTIALLY_COMPLETED"),
              std::string::npos);
    EXPECT_NE(write(Flow::portal, Scenario::failed, {.doctype = true}).find("<!DOCTYPE"), std::string::npos);
    EXPECT_EQ(write(Flow::portal, Scenario::failed, {.since_missing = true}).find("since"), std::string::npos);
    EXPECT_NE(write(Flow::portal, Scenario::failed, {.extra_elements = true}).find("x:audit"), std::string::npos);
}

TEST(RefereeTest, adds_up_violations_and_keeps_the_newest_details) {
    Referee referee;
    for (int i = 0; i < 300; ++i)
        referee.record(Violation::unknown_urls, at(1ms), "123456789", "no " + std::to_string(i));
    referee.count(Tally::duplicate_confirms);
    const nlohmann::json result = referee.to_json();
    EXPECT_EQ(result["violations"], 300);
    EXPECT_EQ(result["unknown_urls"], 300);
    EXPECT_EQ(result["duplicate_confirms"], 1);
    EXPECT_EQ(result["details"].size(), 200u);
    EXPECT_EQ(result["details"].back()["detail"], "no 299");
}

}  // namespace
}  // namespace signwatch::simulator
