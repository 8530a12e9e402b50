#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "daemon/notify/notifier.hpp"
#include "daemon/notify/watchdog.hpp"

namespace signwatch::notify {
namespace {

using namespace std::chrono_literals;

/// What systemd is to us: a bound datagram socket.
class FakeManager {
public:
    explicit FakeManager(const std::string& name) : descriptor_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, name.data(), name.size());
        auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
        if (name[0] == '@')
            address.sun_path[0] = '\0';
        else
            ++length;
        EXPECT_EQ(::bind(descriptor_, reinterpret_cast<sockaddr*>(&address), length), 0) << std::strerror(errno);
    }
    ~FakeManager() { ::close(descriptor_); }
    FakeManager(const FakeManager&) = delete;
    FakeManager& operator=(const FakeManager&) = delete;

    /// The next datagram; empty if there is none.
    std::string receive() const {
        std::array<char, 4096> buffer{};
        const ssize_t size = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
        return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : std::string();
    }

private:
    int descriptor_;
};

std::string private_path() {
    std::string pattern = (std::filesystem::temp_directory_path() / "notify-XXXXXX").string();
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    return pattern + "/socket";
}

struct NotifierTest : testing::Test {
    std::string path = private_path();
    ~NotifierTest() override { std::filesystem::remove_all(std::filesystem::path(path).parent_path()); }
};

TEST_F(NotifierTest, speaks_the_protocol_over_a_path) {
    const FakeManager manager(path);
    Notifier notifier(path);
    ASSERT_TRUE(notifier.active());
    EXPECT_TRUE(notifier.ready("2 accounts"));
    EXPECT_EQ(manager.receive(), "READY=1\nSTATUS=2 accounts");
    EXPECT_TRUE(notifier.status("3 in flight"));
    EXPECT_EQ(manager.receive(), "STATUS=3 in flight");
    EXPECT_TRUE(notifier.ping());
    EXPECT_EQ(manager.receive(), "WATCHDOG=1");
    EXPECT_TRUE(notifier.extend_timeout(90s));
    EXPECT_EQ(manager.receive(), "EXTEND_TIMEOUT_USEC=90000000");
    EXPECT_TRUE(notifier.stopping("draining"));
    EXPECT_EQ(manager.receive(), "STOPPING=1\nSTATUS=draining");
}

TEST_F(NotifierTest, a_reload_carries_the_monotonic_time) {
    const FakeManager manager(path);
    Notifier notifier(path);
    EXPECT_TRUE(notifier.reloading());
    const std::string message = manager.receive();
    const std::string head = "RELOADING=1\nMONOTONIC_USEC=";
    ASSERT_TRUE(message.starts_with(head)) << message;
    EXPECT_GT(std::stoll(message.substr(head.size())), 0);
}

TEST(Notifier, reaches_an_abstract_socket) {
    const std::string name = "@signwatch-notify-test-" + std::to_string(::getpid());
    const FakeManager manager(name);
    Notifier notifier(name);
    EXPECT_TRUE(notifier.ping());
    EXPECT_EQ(manager.receive(), "WATCHDOG=1");
}

TEST_F(NotifierTest, a_status_cannot_smuggle_a_second_assignment) {
    const FakeManager manager(path);
    Notifier notifier(path);
    EXPECT_TRUE(notifier.status("fine\nMAINPID=1\r"));
    EXPECT_EQ(manager.receive(), "STATUS=fine MAINPID=1 ");
}

TEST_F(NotifierTest, says_false_when_the_manager_is_gone_and_recovers_when_it_is_back) {
    Notifier notifier(path);
    EXPECT_FALSE(notifier.ping());
    const FakeManager manager(path);
    EXPECT_TRUE(notifier.ping());
}

TEST_F(NotifierTest, never_blocks_when_the_manager_does_not_read) {
    const FakeManager manager(path);
    Notifier notifier(path);
    bool sent = true;
    for (int i = 0; i < 100'000 && sent; ++i)
        sent = notifier.ping();
    EXPECT_FALSE(sent);
}

TEST(Notifier, without_a_usable_socket_everything_is_a_no_op) {
    for (const std::string& address :
         {std::string(), std::string("relative"), std::string("@"), std::string(200, '/')}) {
        Notifier notifier(address);
        EXPECT_FALSE(notifier.active()) << address;
        EXPECT_FALSE(notifier.ready("up")) << address;
    }
}

TEST_F(NotifierTest, takes_the_socket_out_of_the_environment) {
    const FakeManager manager(path);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    Notifier notifier = Notifier::from_environment();
    EXPECT_EQ(std::getenv("NOTIFY_SOCKET"), nullptr);
    EXPECT_TRUE(notifier.ping());
    EXPECT_FALSE(Notifier::from_environment().active());
}

TEST(WatchdogTimeout, is_read_from_the_managers_variables) {
    EXPECT_EQ(watchdog_timeout("30000000", nullptr, 7), 30s);
    EXPECT_EQ(watchdog_timeout("30000000", "7", 7), 30s);
    EXPECT_EQ(watchdog_timeout("30000000", "8", 7), std::nullopt);
    EXPECT_EQ(watchdog_timeout(nullptr, nullptr, 7), std::nullopt);
    for (const char* nonsense : {"", "0", "-5", "30s", "1e9", "99999999999999999999"}) {
        EXPECT_EQ(watchdog_timeout(nonsense, nullptr, 7), std::nullopt) << nonsense;
    }
}

TEST(Watchdog, lives_while_every_part_moves_within_its_own_budget) {
    const Watchdog::Time start{};
    Watchdog watchdog;
    EXPECT_FALSE(watchdog.stall(start));
    watchdog.watch("loop", 1s, start);
    watchdog.watch("store", 30s, start);
    EXPECT_FALSE(watchdog.stall(start + 1s));
    watchdog.beat("loop", start + 20s);
    EXPECT_FALSE(watchdog.stall(start + 21s));
}

TEST(Watchdog, names_the_part_that_is_longest_over_its_budget) {
    const Watchdog::Time start{};
    Watchdog watchdog;
    watchdog.watch("loop", 1s, start);
    watchdog.watch("poll", 5s, start);
    const auto stall = watchdog.stall(start + 8s);
    ASSERT_TRUE(stall);
    EXPECT_EQ(stall->name, "loop");
    EXPECT_EQ(stall->silent, 8s);
    EXPECT_EQ(stall->budget, 1s);
    watchdog.beat("loop", start + 8s);
    EXPECT_EQ(watchdog.stall(start + 8s)->name, "poll");
}

TEST(Watchdog, ignores_late_news_and_parts_that_ended) {
    const Watchdog::Time start{};
    Watchdog watchdog;
    watchdog.watch("poll", 5s, start + 10s);
    watchdog.beat("poll", start + 2s);
    watchdog.beat("nobody", start + 2s);
    EXPECT_FALSE(watchdog.stall(start + 14s));
    ASSERT_TRUE(watchdog.stall(start + 16s));
    watchdog.forget("poll");
    EXPECT_FALSE(watchdog.stall(start + 1h));
}

}  // namespace
}  // namespace signwatch::notify
