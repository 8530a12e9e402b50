#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/fakes/child_process.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::simulator {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

nlohmann::json wait_until_ready(const fs::path& directory) {
    for (int i = 0; i < 1000; ++i) {
        std::ifstream file(directory / "simulator.json");
        const auto ready = nlohmann::json::parse(file, nullptr, false);
        if (!ready.is_discarded()) return ready;
        std::this_thread::sleep_for(10ms);
    }
    throw std::runtime_error("the simulator never got ready");
}

TEST(SimulatorProgramTest, writes_its_files_serves_and_ends_with_0_on_sigterm) {
    const testing::TempDir directory;
    testing::ChildProcess program(
        {SIGNWATCH_SIMULATOR, "posten", "--directory", directory.path(), "--jobs", "2", "--pregenerate"});
    const auto ready = wait_until_ready(directory.path());
    const auto health = testing::run({"curl", "-s", ready["control"].get<std::string>() + "/healthz"});
    EXPECT_EQ(health.output, "{\"status\":\"ok\"}\n");
    for (const char* secret : {"client.key", "client.p12", "client.p12.password", "server.key"}) {
        EXPECT_EQ(fs::status(directory.path() / secret).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    }
    program.signal(SIGTERM);
    EXPECT_EQ(program.wait(10s), 0);
}

TEST(SimulatorProgramTest, can_be_shut_down_through_the_control_api) {
    const testing::TempDir directory;
    testing::ChildProcess program({SIGNWATCH_SIMULATOR, "posten", "--directory", directory.path()});
    const auto ready = wait_until_ready(directory.path());
    testing::run({"curl", "-s", "-X", "POST", ready["control"].get<std::string>() + "/shutdown"});
    EXPECT_EQ(program.wait(10s), 0);
}

TEST(SimulatorProgramTest, is_signhub_as_well) {
    const testing::TempDir directory;
    testing::ChildProcess program({SIGNWATCH_SIMULATOR, "signhub", "--directory", directory.path(), "--flows", "3"});
    const auto ready = wait_until_ready(directory.path());
    const auto flows = testing::run({"curl", "-s", ready["control"].get<std::string>() + "/flows"});
    EXPECT_EQ(nlohmann::json::parse(flows.output)["flows"].size(), 3U);
    program.signal(SIGTERM);
    EXPECT_EQ(program.wait(10s), 0);
    for (const char* wrong :
         {"--fault=ns4-prefix", "--items=0", "--mix=completed=1", "--changing=101", "--limits=off"}) {
        const auto result = testing::run({SIGNWATCH_SIMULATOR, "signhub", "--directory", directory.path(), wrong});
        EXPECT_EQ(result.exit_code, 2) << wrong;
    }
}

TEST(SimulatorProgramTest, imitates_arqsign) {
    const testing::TempDir directory;
    testing::ChildProcess program(
        {SIGNWATCH_SIMULATOR, "arqsign", "--directory", directory.path(), "--clock-rate", "1000", "--quota-403"});
    const auto ready = wait_until_ready(directory.path());
    const auto health = testing::run({"curl", "-s", ready["control"].get<std::string>() + "/healthz"});
    EXPECT_EQ(health.output, "{\"status\":\"ok\"}\n");
    for (const char* secret : {"app.key", "subscription.key", "subscription2.key"}) {
        EXPECT_EQ(fs::status(directory.path() / secret).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    }
    program.signal(SIGTERM);
    EXPECT_EQ(program.wait(10s), 0);
    const auto result =
        testing::run({SIGNWATCH_SIMULATOR, "arqsign", "--directory", directory.path(), "--fault=pades-500"});
    EXPECT_EQ(result.exit_code, 2);
}

TEST(SimulatorProgramTest, complains_about_a_wrong_command_line_with_exit_code_2) {
    const testing::TempDir directory;
    for (const char* wrong : {"--fault=strange", "--signers=0", "--mix=completed=0", "--flow=sideways"}) {
        const auto result = testing::run({SIGNWATCH_SIMULATOR, "posten", "--directory", directory.path(), wrong});
        EXPECT_EQ(result.exit_code, 2) << wrong;
        EXPECT_NE(result.errors, "") << wrong;
    }
}

}  // namespace
}  // namespace signwatch::simulator
