#include <csignal>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "tests/fakes/child_process.hpp"
#include "tests/fakes/redis_server.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(ChildProcess, GivesExitCodeAndSignal) {
    ChildProcess seven({"sh", "-c", "exit 7"});
    EXPECT_EQ(seven.wait(seconds{20}), 7);
    EXPECT_FALSE(seven.running());
    ChildProcess sleeper({"sleep", "60"});
    EXPECT_TRUE(sleeper.running());
    EXPECT_EQ(sleeper.wait(milliseconds{1}), std::nullopt);
    sleeper.signal(SIGTERM);
    EXPECT_EQ(sleeper.wait(seconds{20}), -SIGTERM);
}

TEST(ChildProcess, DiesWithItsOwner) {
    pid_t pid = 0;
    {
        ChildProcess first({"sleep", "60"});
        ChildProcess second(std::move(first));
        pid = second.pid();
        EXPECT_EQ(::kill(pid, 0), 0);
    }
    EXPECT_EQ(::kill(pid, 0), -1);
}

TEST(ChildProcess, ReportsAMissingProgram) {
    EXPECT_THROW(ChildProcess({"no-such-program-of-signwatch"}), std::system_error);
}

TEST(ChildProcess, AppendsToTheLog) {
    const TempDir directory;
    const auto log = directory.write("log", "before\n");
    ChildProcess child({"sh", "-c", "echo out; echo err >&2"}, log);
    EXPECT_EQ(child.wait(seconds{20}), 0);
    std::ifstream file(log);
    const std::string content{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(content, "before\nout\nerr\n");
}

TEST(Run, CollectsOutputAndErrors) {
    const auto result = run({"sh", "-c", "head -c 200000 /dev/zero | tr '\\0' x; echo sorry >&2; exit 3"});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_EQ(result.output, std::string(200000, 'x'));
    EXPECT_EQ(result.errors, "sorry\n");
}

TEST(Run, EndsAProgramThatTakesTooLong) {
    EXPECT_THROW(run({"sleep", "60"}, milliseconds{20}), std::runtime_error);
}

TEST(TempDir, IsPrivateAndRemoved) {
    std::filesystem::path path;
    {
        const TempDir directory;
        path = directory.path();
        EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms::owner_all);
        const auto file = directory.write("secret", "x");
        EXPECT_EQ(std::filesystem::status(file).permissions(),
                  std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(RedisServer, ForgetsWithoutPersistenceAndRemembersWithIt) {
    RedisServer forgetful;
    forgetful.cli({"SET", "key", "value"});
    forgetful.kill();
    forgetful.start();
    EXPECT_EQ(forgetful.cli({"GET", "key"}), "\n");

    RedisServer durable({.append_only = true, .extra = {}});
    durable.cli({"SET", "key", "value"});
    durable.kill();
    durable.start();
    EXPECT_EQ(durable.cli({"GET", "key"}), "value\n");
}

}  // namespace
}  // namespace signwatch::testing
