#include "tests/simulator/arqsign/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/simulator/arqsign/bodies.hpp"
#include "tests/simulator/arqsign/referee.hpp"
#include "tests/simulator/call_windows.hpp"

namespace signwatch::simulator {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

ArqSignSpec spec(ArqSignEnd end, int signers = 2) {
    ArqSignSpec spec;
    spec.end = end;
    spec.signers = signers;
    spec.sent_after = 10s;
    spec.end_after = 100s;
    return spec;
}

TEST(CallWindowsTest, counts_exactly_over_rolling_windows) {
    CallWindows windows({{"second", 1s, 2}, {"minute", 60s, 3}});
    EXPECT_EQ(windows.call(0s).exceeded, nullptr);
    EXPECT_EQ(windows.call(999ms).exceeded, nullptr);
    const auto full = windows.call(999ms);
    ASSERT_NE(full.exceeded, nullptr);
    EXPECT_EQ(full.exceeded->name, "second");
    EXPECT_EQ(full.wait, 1ms);
    EXPECT_EQ(windows.call(1s).exceeded, nullptr) << "the first has left the window";
    const auto minute = windows.call(59s);
    ASSERT_NE(minute.exceeded, nullptr);
    EXPECT_EQ(minute.exceeded->name, "minute");
    EXPECT_EQ(minute.wait, 1s);
    EXPECT_EQ(windows.call(60s).exceeded, nullptr) << "refused calls do not count";
    EXPECT_THAT(windows.most(), ::testing::ElementsAre(2U, 3U));
}

TEST(CallWindowsTest, may_count_what_it_does_not_admit) {
    CallWindows windows({{"month", 744h, 1}, {"second", 1s, 0}});
    EXPECT_EQ(windows.call(0s, true).exceeded, nullptr);
    EXPECT_NE(windows.call(1s, true).exceeded, nullptr);
    EXPECT_NE(windows.call(2s, true).exceeded, nullptr);
    EXPECT_THAT(windows.most(), ::testing::ElementsAre(3U, 1U));
    EXPECT_EQ(windows.call(744h + 2s).exceeded, nullptr);
}

TEST(ArqSignWorldTest, a_process_goes_through_its_life) {
    ArqSignWorld world(1);
    const ArqSignProcess& process = world.create(spec(ArqSignEnd::completed), 1000s);
    const std::pair<microseconds, int> life[] = {
        {1000s, 1}, {1009s, 1}, {1010s, 2}, {1054s, 2}, {1055s, 3}, {1099s, 3}, {1100s, 4}};
    for (const auto& [now, status] : life)
        EXPECT_EQ(process.status_at(now), status) << now.count();
    EXPECT_FALSE(process.ended_at(1099s));
    EXPECT_TRUE(process.ended_at(1100s));
    EXPECT_EQ(process.acted_at(0, 2000s), 1055s);
    EXPECT_EQ(process.acted_at(1, 2000s), 1100s);
    EXPECT_EQ(process.acted_at(1, 1099s), std::nullopt);
    EXPECT_EQ(world.find(process.id), &process);
    EXPECT_EQ(world.find("x"), nullptr);
}

TEST(ArqSignWorldTest, other_ends_look_as_the_manual_says) {
    ArqSignWorld world(1);
    const ArqSignProcess& cancelled = world.create(spec(ArqSignEnd::cancelled), 0s);
    EXPECT_EQ(cancelled.status_at(100s), 5);
    EXPECT_EQ(cancelled.acted_at(1, 200s), std::nullopt);
    const ArqSignProcess& refused = world.create(spec(ArqSignEnd::refused), 0s);
    EXPECT_EQ(refused.status_at(100s), 5);
    EXPECT_EQ(refused.acted_at(1, 200s), 100s);
    ArqSignProcess& expired = world.create(spec(ArqSignEnd::expired), 0s);
    EXPECT_EQ(expired.status_at(100s), 3);
    EXPECT_TRUE(expired.expired_at(100s));
    EXPECT_FALSE(expired.ended_at(100s));
    world.change(expired, ArqSignEnd::completed, 50s, 100s);
    EXPECT_FALSE(expired.expired_at(100s));
    EXPECT_EQ(expired.status_at(150s), 4);
    EXPECT_THROW(world.change(expired, ArqSignEnd::never, 0s, 150s), std::invalid_argument);
    const ArqSignProcess& deleted = world.create(spec(ArqSignEnd::deleted), 0s);
    EXPECT_TRUE(deleted.deleted_at(100s));
    EXPECT_TRUE(deleted.ended_at(100s));
    const ArqSignProcess& open = world.create(spec(ArqSignEnd::never, 1), 0s);
    EXPECT_EQ(open.status_at(1000h), 2);
    EXPECT_THROW(world.create(spec(ArqSignEnd::never, 0), 0s), std::invalid_argument);
}

TEST(ArqSignWorldTest, ids_are_guids_and_the_same_for_the_same_seed) {
    ArqSignWorld left(7);
    ArqSignWorld right(7);
    const std::string id = left.create({}, 0s).id;
    EXPECT_THAT(id, ::testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}"));
    EXPECT_EQ(right.create({}, 0s).id, id);
    EXPECT_NE(right.create({}, 0s).id, id);
}

TEST(ArqSignBodiesTest, a_status_has_many_forms) {
    ArqSignWorld world(1);
    const ArqSignProcess& process = world.create(spec(ArqSignEnd::completed), 0s);
    ArqSignForm form;
    form.date = [](microseconds) { return std::string("then"); };
    json body = json::parse(write_status(process, form, 100s));
    EXPECT_EQ(body["status"], "Concluído");
    EXPECT_EQ(body["idStatus"], 4);
    EXPECT_EQ(body["expirado"], false);
    EXPECT_EQ(body["dataConclusao"], "then");
    EXPECT_EQ(body["dataCancelamento"], nullptr);
    form.language = ArqSignForm::Language::english;
    form.no_id_status = true;
    form.pascal_case = true;
    body = json::parse(write_status(process, form, 100s));
    EXPECT_EQ(body["Status"], "Completed");
    EXPECT_FALSE(body.contains("IdStatus"));
    form = {};
    form.old_form = form.mojibake = true;
    body = json::parse(write_status(process, form, 100s));
    EXPECT_EQ(body["status"],
              "Conclu\xC3\x83\xC2\xAD"
              "do");
    EXPECT_EQ(body.size(), 2U);
}

TEST(ArqSignRefereeTest, sums_its_violations) {
    ArqSignReferee referee;
    const CallWindows windows({{"hour", 1h, 1}});
    EXPECT_EQ(referee.to_json(windows)["violations"], 0);
    referee.record("over_hour", {5s, 0s}, "why");
    referee.count("looks");
    const json result = referee.to_json(windows);
    EXPECT_EQ(result["violations"], 1);
    EXPECT_EQ(result["over_hour"], 1);
    EXPECT_EQ(result["looks"], 1);
    EXPECT_EQ(result["max_calls_in_one_hour"], 0);
    EXPECT_EQ(result["details"][0]["detail"], "why");
    EXPECT_THROW(referee.record("nonsense", {}, ""), std::out_of_range);
}

}  // namespace
}  // namespace signwatch::simulator
