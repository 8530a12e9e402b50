// What counts as a command, and how its answer reads.
#include "core/registry/command_event.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/fakes/event_schema.hpp"

namespace signwatch::registry {
namespace {

using nlohmann::json;
using signwatch::testing::command_mistakes;
using signwatch::testing::command_result_mistakes;

constexpr WallTime now = from_unix_ms(1'772'618'531'120);

json command(const std::string& word, json data) {
    return {{"specversion", "1.0"},
            {"id", "c-1"},
            {"source", "/loans"},
            {"type", "io.signwatch.command.process." + word + ".v1"},
            {"data", std::move(data)}};
}

json addition() {
    return command("add", {{"account", "acme"}, {"processId", "4711"}, {"correlationId", "loan-1"}});
}

CommandEvent understood(const json& event) {
    return std::get<CommandEvent>(read_command(event.dump()));
}

std::string_view refusal(const std::string& text) {
    const auto read = read_command(text);
    const auto* const no_command = std::get_if<NoCommand>(&read);
    return no_command == nullptr ? "" : no_command->reason;
}

TEST(CommandEvent, reads_a_registration) {
    json event = addition();
    event["data"]["interval"] = "5m";
    event["data"]["labels"] = {{"branch", "Oslo"}};
    EXPECT_EQ(command_mistakes(event.dump()), "");
    const CommandEvent read = understood(event);
    EXPECT_EQ(read.mistake, "");
    EXPECT_EQ(read.type, "process.add");
    EXPECT_EQ(read.id, "c-1");
    EXPECT_EQ(read.to_register.value().process_id, "4711");
    EXPECT_EQ(read.to_register.value().labels.size(), 1U);
    EXPECT_EQ(read.correlation_id, "loan-1");
}

TEST(CommandEvent, reads_every_order) {
    for (const auto& [word, order] : {std::pair{"remove", ProcessOrder::remove},
                                      std::pair{"pause", ProcessOrder::pause},
                                      std::pair{"resume", ProcessOrder::resume},
                                      std::pair{"poll_now", ProcessOrder::poll_now}}) {
        json event = command(word, {{"account", "acme"}, {"processId", "4711"}});
        event["correlationid"] = "loan-2";
        EXPECT_EQ(command_mistakes(event.dump()), "");
        const CommandEvent read = understood(event);
        EXPECT_EQ(read.mistake, "");
        EXPECT_EQ(read.order.value(), order);
        EXPECT_EQ(read.account, "acme");
        EXPECT_EQ(read.process_id, "4711");
        EXPECT_EQ(read.correlation_id, "loan-2");
    }
}

TEST(CommandEvent, what_nobody_can_understand_has_a_fixed_reason) {
    const auto changed = [](const char* name, json value) {
        json event = addition();
        event[name] = std::move(value);
        return event.dump();
    };
    EXPECT_EQ(refusal(""), "no_event");
    EXPECT_EQ(refusal("{"), "not_json");
    EXPECT_EQ(refusal("\xff"), "not_json");
    EXPECT_EQ(refusal("[]"), "not_cloud_event");
    EXPECT_EQ(refusal(changed("specversion", "0.3")), "not_cloud_event");
    EXPECT_EQ(refusal(changed("id", "")), "not_cloud_event");
    EXPECT_EQ(refusal(changed("id", 7)), "not_cloud_event");
    EXPECT_EQ(refusal(changed("id", "a\nb")), "not_cloud_event");
    EXPECT_EQ(refusal(changed("source", std::string(257, 'x'))), "not_cloud_event");
    EXPECT_EQ(refusal(changed("type", nullptr)), "type_unknown");
    EXPECT_EQ(refusal(changed("type", "io.signwatch.command.v1")), "type_unknown");
    EXPECT_EQ(refusal(changed("type", "io.signwatch.command.process.add.v2")), "type_unknown");
    EXPECT_EQ(refusal(changed("type", "io.signwatch.command.process.approve.v1")), "type_unknown");
    EXPECT_EQ(refusal(changed("note", std::string(64 << 10, 'x'))), "too_large");
    EXPECT_EQ(refusal(std::string(60'000, '[')), "not_json");
    EXPECT_EQ(refusal(addition().dump()), "");
}

TEST(CommandEvent, data_that_is_wrong_is_a_mistake_of_a_command_that_is_understood) {
    const json target{{"account", "acme"}, {"processId", "4711"}};
    for (const json& event : {command("add", target),
                              command("add", json::array()),
                              command("remove", nullptr),
                              command("remove", json::object({{"account", "acme"}})),
                              command("remove", json::object({{"account", "acme"}, {"processId", ""}})),
                              command("remove", json::object({{"account", 1}, {"processId", "1"}})),
                              command("remove", json::object({{"account", "a"}, {"processId", std::string(201, '1')}})),
                              command("remove", json::object({{"account", "a"}, {"processId", "1"}, {"why", "x"}}))}) {
        EXPECT_NE(command_mistakes(event.dump()), "") << event;
        const CommandEvent read = understood(event);
        EXPECT_NE(read.mistake, "") << event;
        EXPECT_FALSE(read.to_register || read.order) << event;
        const auto result = compose_result(read, {"refused", read.mistake}, now);
        EXPECT_EQ(command_result_mistakes(result.json), "") << result.json;
    }
}

TEST(CommandResult, says_what_became_of_which_command) {
    const auto result = compose_result(understood(addition()), {"added", ""}, now);
    EXPECT_EQ(command_result_mistakes(result.json), "");
    const json event = json::parse(result.json);
    EXPECT_EQ(event["id"], result.id);
    EXPECT_EQ(event["causationid"], "c-1");
    EXPECT_EQ(event["correlationid"], "loan-1");
    EXPECT_EQ(event["time"], "2026-03-04T10:02:11.120Z");
    EXPECT_EQ(event["data"],
              json::parse(R"({"command":"process.add","account":"acme","processId":"4711","correlationId":"loan-1",
                              "outcome":"added","error":null})"));
}

TEST(CommandResult, its_id_is_that_of_the_command) {
    json event = addition();
    const std::string id = compose_result(understood(event), {"added", ""}, now).id;
    EXPECT_EQ(compose_result(understood(event), {"unchanged", ""}, now + milliseconds{1}).id, id);
    event["id"] = "c-2";
    EXPECT_NE(compose_result(understood(event), {"added", ""}, now).id, id);
    event["id"] = "c-1";
    event["source"] = "/cars";
    EXPECT_NE(compose_result(understood(event), {"added", ""}, now).id, id);
}

TEST(CommandResult, texts_of_callers_are_bounded) {
    json event = addition();
    event["data"]["account"] = std::string(10'000, 'a');
    event["data"]["correlationId"] = "line\nbreak";
    const auto result = compose_result(understood(event), {"refused", "no " + std::string(299, '\xc3')}, now);
    EXPECT_EQ(command_result_mistakes(result.json), "") << result.json;
    EXPECT_TRUE(json::parse(result.json)["data"]["account"].is_null());
    EXPECT_TRUE(json::parse(result.json)["data"]["correlationId"].is_null());
    EXPECT_LT(result.json.size(), 2'000U);
}

TEST(CommandResult, the_schemas_refuse_what_the_contract_forbids) {
    json event = json::parse(compose_result(understood(addition()), {"added", ""}, now).json);
    event["data"]["signer"] = "Kari";
    EXPECT_NE(command_result_mistakes(event.dump()), "");
    EXPECT_NE(command_result_mistakes("{}"), "");
    EXPECT_NE(command_mistakes("{}"), "");
}

}  // namespace
}  // namespace signwatch::registry
