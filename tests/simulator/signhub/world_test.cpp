#include "tests/simulator/signhub/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/simulator/fault_switches.hpp"
#include "tests/simulator/signhub/faults.hpp"
#include "tests/simulator/signhub/json.hpp"
#include "tests/simulator/signhub/request.hpp"

namespace signwatch::simulator::signhub {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

Moment at(microseconds time) {
    return {time, time};
}

FlowPlan plan(Ending ending, std::vector<std::uint8_t> types = {0, 0}) {
    FlowPlan plan;
    plan.ending = ending;
    plan.types = std::move(types);
    plan.started = 10s;
    plan.first_change = 40s;
    plan.step = 30s;
    return plan;
}

// "3:40,10" for a running flow whose second item waits.
std::string shown(const FlowPlan& plan, microseconds now, bool portal_steps = false) {
    const FlowState state = state_at(plan, now, portal_steps);
    std::string text = std::to_string(state.status) + ":";
    for (const ItemState& item : state.items)
        text += std::to_string(item.status) + ",";
    text.pop_back();
    return text;
}

TEST(SignhubFlowTest, a_flow_goes_from_created_to_its_end) {
    EXPECT_EQ(shown(plan(Ending::finished), 9s), "1:1,1");
    EXPECT_EQ(shown(plan(Ending::finished), 10s), "3:10,1");
    EXPECT_EQ(shown(plan(Ending::finished), 39s), "3:10,1");
    EXPECT_EQ(shown(plan(Ending::finished), 40s), "3:40,10");
    EXPECT_EQ(shown(plan(Ending::finished), 70s), "4:40,40");
    EXPECT_EQ(shown(plan(Ending::passed), 70s), "4:40,60");
    EXPECT_EQ(shown(plan(Ending::declined), 70s), "6:40,50");
    EXPECT_EQ(shown(plan(Ending::cancelled), 70s), "5:40,10");
    EXPECT_EQ(shown(plan(Ending::running), 1h), "3:40,10");
    EXPECT_EQ(shown(plan(Ending::finished, {0, 1, 2}), 1h), "4:40,40,30");
    EXPECT_EQ(end_of(plan(Ending::finished)), 70s);
    EXPECT_EQ(end_of(plan(Ending::running)), never);
}

TEST(SignhubFlowTest, signers_can_be_seen_at_work) {
    EXPECT_EQ(shown(plan(Ending::finished), 19s, true), "3:10,1");
    EXPECT_EQ(shown(plan(Ending::finished), 20s, true), "3:20,1");
    EXPECT_EQ(shown(plan(Ending::finished), 30s, true), "3:30,1");
    EXPECT_EQ(shown(plan(Ending::finished), 40s, true), "3:40,10");
}

TEST(SignhubFlowTest, items_may_disagree_and_the_document_be_late) {
    FlowPlan late = plan(Ending::finished);
    late.disagree = 5s;
    late.document_after = 20s;
    EXPECT_EQ(shown(late, 74s), "4:40,30");
    EXPECT_FALSE(state_at(late, 74s, false).ended());
    EXPECT_EQ(shown(late, 75s), "4:40,40");
    EXPECT_TRUE(state_at(late, 75s, false).ended());
    EXPECT_FALSE(state_at(late, 89s, false).has_document);
    EXPECT_TRUE(state_at(late, 90s, false).has_document);
    EXPECT_FALSE(state_at(plan(Ending::cancelled), 1h, false).has_document);
}

TEST(SignhubFlowTest, the_mix_is_as_asked_for_and_the_same_for_a_seed) {
    SignhubOptions options;
    options.mix.flows = 2'000;
    options.mix.items = {1, 3};
    options.mix.changing = 10;
    options.mix.window = 100s;
    options.mix.weights = {{Ending::finished, 50}, {Ending::declined, 50}};
    int changing = 0;
    int declined = 0;
    for (const FlowPlan& one : planned_flows(options)) {
        changing += one.ending != Ending::running;
        declined += one.ending == Ending::declined;
        EXPECT_TRUE(one.first_change <= 100s || one.first_change == never);
        EXPECT_LE(one.types.size(), 3U);
    }
    EXPECT_NEAR(changing, 200, 60);
    EXPECT_NEAR(declined, changing / 2, 50);
    EXPECT_EQ(planned_flows(options)[7].types, planned_flows(options)[7].types);
    EXPECT_EQ(planned_flows(options)[7].first_change, planned_flows(options)[7].first_change);
}

TEST(SignhubWindowsTest, windows_are_exact_and_rolling) {
    CallWindows windows({.per_second = 2, .per_minute = 4});
    EXPECT_EQ(windows.add(0s), std::nullopt);
    EXPECT_EQ(windows.add(900ms), std::nullopt);
    EXPECT_EQ(windows.add(999ms), 0U) << "three in a second";
    EXPECT_EQ(windows.add(1'900ms), std::nullopt) << "900 ms and 999 ms, of which one has just left";
    EXPECT_EQ(windows.add(59s), 1U) << "the fifth in a minute";
    EXPECT_EQ(windows.add(60s + 899ms), 1U) << "0 s has left";
    EXPECT_EQ(windows.add(200s), std::nullopt);
    EXPECT_EQ(windows.most_in(0), 3U);
    EXPECT_EQ(windows.most_in(1), 5U);
    EXPECT_EQ(windows.most_in(2), 0U);
    EXPECT_EQ(CallWindows::name_of(4), "month");
}

TEST(SignhubWindowsTest, a_month_is_31_days) {
    CallWindows windows({.per_month = 1});
    EXPECT_EQ(windows.add(0s), std::nullopt);
    EXPECT_EQ(windows.add(24h * 31 - 1us), 4U);
    CallWindows other({.per_month = 1});
    other.add(0s);
    EXPECT_EQ(other.add(24h * 31), std::nullopt);
}

class SignhubWorldTest : public ::testing::Test {
protected:
    void look(microseconds time, const std::string& id) { world.note_look(flow, id, at(time)); }
    std::uint64_t fouls(Foul foul) const { return world.count_of(foul); }

    SignhubWorld world{{.min_interval = 60s}, 7001};
    Flow& flow = world.add(plan(Ending::finished));
};

TEST_F(SignhubWorldTest, finds_flows_by_their_ids) {
    world.add(plan(Ending::running));
    EXPECT_EQ(world.find(7002)->id, 7002);
    EXPECT_EQ(world.find(7000), nullptr);
    EXPECT_EQ(world.find(7003), nullptr);
    EXPECT_EQ(world.find(-1), nullptr);
}

TEST_F(SignhubWorldTest, a_look_may_not_come_sooner_than_agreed) {
    look(0s, "a");
    look(60s, "b");
    EXPECT_EQ(fouls(Foul::looks_too_soon), 0U);
    look(119s, "c");
    EXPECT_EQ(fouls(Foul::looks_too_soon), 1U);
    world.note_failure(flow);
    look(120s, "d");
    EXPECT_EQ(fouls(Foul::looks_too_soon), 1U);
    EXPECT_EQ(world.count_of(Count::looks_soon_after_failure), 1U);
    look(180s, "d");
    EXPECT_EQ(fouls(Foul::malformed_calls), 1U) << "the same request id again";
}

TEST_F(SignhubWorldTest, after_the_end_one_look_is_forgiven) {
    look(0s, "a");
    world.note_end_told(flow);
    look(60s, "b");
    world.note_end_told(flow);
    EXPECT_EQ(world.count_of(Count::looks_repeated_at_end), 1U);
    EXPECT_EQ(fouls(Foul::looks_after_end), 0U);
    look(120s, "c");
    EXPECT_EQ(fouls(Foul::looks_after_end), 1U);
    EXPECT_EQ(world.count_of(Count::ends_told), 1U);
}

TEST_F(SignhubWorldTest, calls_over_a_limit_are_refused_or_only_counted) {
    SignhubWorld strict{{.limits = {.per_minute = 1}}, 1};
    EXPECT_TRUE(strict.admit(at(0s)));
    EXPECT_FALSE(strict.admit(at(59s)));
    SignhubWorld lenient{{.limits = {.per_minute = 1}, .enforce = false}, 1};
    EXPECT_TRUE(lenient.admit(at(0s)));
    EXPECT_TRUE(lenient.admit(at(59s)));
    EXPECT_EQ(lenient.count_of(Foul::limits_exceeded), 1U);
}

TEST_F(SignhubWorldTest, the_referee_tells_how_fair_the_looks_were) {
    world.add(plan(Ending::running));
    world.add(plan(Ending::running));
    look(0s, "a");
    look(60s, "b");
    look(200s, "c");
    world.note_look(*world.find(7002), "d", at(10s));
    const auto json = world.referee_json(at(210s));
    EXPECT_EQ(json["fairness"]["flows"], 2);
    EXPECT_EQ(json["fairness"]["looks_min"], 1);
    EXPECT_EQ(json["fairness"]["looks_max"], 3);
    EXPECT_EQ(json["fairness"]["looks_mean"], 2.0);
    EXPECT_EQ(json["fairness"]["gap_min_ms"], 60'000.0);
    EXPECT_EQ(json["fairness"]["gap_max_ms"], 200'000.0);
    EXPECT_EQ(json["flows_never_looked_at"], 1);
    EXPECT_EQ(json["flows_ended"], 1);
    EXPECT_EQ(json["violations"], 0);
}

TEST_F(SignhubWorldTest, a_status_is_written_in_every_form) {
    const FlowState state = state_at(flow.plan, 70s, false);
    const auto written = [&](const StatusForm& form) { return write_status(flow, state, 0s, form); };
    const auto usual = nlohmann::json::parse(written({}));
    EXPECT_TRUE(usual["error"].is_null());
    EXPECT_EQ(usual["result"]["flowId"], 7001);
    EXPECT_EQ(usual["result"]["status"], 4);
    EXPECT_EQ(usual["result"]["flowItems"][1]["id"], 70012);
    EXPECT_EQ(usual["result"]["flowItems"][1]["signedDate"], "1970-01-01T03:01:10.0000000+03:00");
    EXPECT_EQ(nlohmann::json::parse(written({.envelope = false}))["status"], 4);
    const auto pascal = nlohmann::json::parse(written({.pascal_case = true}));
    EXPECT_EQ(pascal["Result"]["FlowItems"][0]["Status"], 40);
    const auto texts = nlohmann::json::parse(written({.numbers_as_strings = true}))["result"];
    EXPECT_EQ(texts["flowId"], "7001");
    EXPECT_EQ(texts["flowItems"][0]["status"], "40");
    const auto names = nlohmann::json::parse(written({.enum_names = true}))["result"];
    EXPECT_EQ(names["status"], "Finished");
    EXPECT_EQ(names["flowItems"][0]["flowItemType"], "eSignature");
    EXPECT_THAT(written({.offsets = false}), Not(HasSubstr("+03:00")));
    EXPECT_EQ(written({.byte_order_mark = true}), "\xEF\xBB\xBF" + written({}));
    EXPECT_TRUE(nlohmann::json::parse(written({.with_error = true}))["error"].is_string());
}

TEST(SignhubRequestTest, wants_exactly_what_is_documented) {
    const auto read = [](const std::string& body, std::string_view type = "application/json") {
        return read_status_request(
            {.method = "POST", .target = "/", .body = body, .header = [&](auto) { return type; }});
    };
    const auto body = [](const std::string& session, const std::string& id, const std::string& language) {
        return R"({"flowId":7001,"loginSessionId":")" + session + R"(","requestId":")" + id +
               R"(","displayLanguage":")" + language + "\"}";
    };
    const std::string zero = "00000000-0000-0000-0000-000000000000";
    const std::string id = "a1B2c3D4e5F6g7H8i9J0k";
    EXPECT_EQ(read(body(zero, id, "tr"))->flow, 7001);
    EXPECT_EQ(read(body(zero, id, "en"))->id, id);
    EXPECT_FALSE(read(body(zero, id, "tr"), "text/plain"));
    EXPECT_FALSE(read(body(zero, id, "de")));
    EXPECT_FALSE(read(body(zero, id.substr(1), "tr")));
    EXPECT_FALSE(read(body(zero, "a1B2c3D4e5F6g7H8i9J-k", "tr")));
    EXPECT_FALSE(read(body("", id, "tr")));
    EXPECT_FALSE(read("[]"));
    EXPECT_FALSE(read("{"));
    EXPECT_EQ(read_download_request("requestId=" + id + "&loginSessionId=" + zero + "&flowId=7001")->flow, 7001);
    EXPECT_FALSE(read_download_request("requestId=" + id + "&loginSessionId=" + zero + "&flowId=7001x"));
    EXPECT_FALSE(read_download_request("requestId=" + id + "&flowId=7001"));
    EXPECT_FALSE(read_download_request(""));
}

TEST(SignhubFaultsTest, have_names_of_their_own) {
    FaultSwitches faults({signhub_fault_names().begin(), signhub_fault_names().end()});
    faults.set("verify-html:2");
    EXPECT_FALSE(faults.fires(static_cast<std::size_t>(SignhubFault::no_envelope)));
    EXPECT_TRUE(faults.fires(static_cast<std::size_t>(SignhubFault::verify_html)));
    EXPECT_TRUE(faults.fires(static_cast<std::size_t>(SignhubFault::verify_html)));
    EXPECT_FALSE(faults.fires(static_cast<std::size_t>(SignhubFault::verify_html)));
    EXPECT_THROW(faults.set("ns4-prefix"), std::invalid_argument);
    EXPECT_EQ(faults.to_json().size(), signhub_fault_names().size());
}

}  // namespace
}  // namespace signwatch::simulator::signhub
