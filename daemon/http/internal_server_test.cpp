#include "daemon/http/internal_server.hpp"

#include <cstring>
#include <functional>
#include <future>
#include <sstream>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include "core/domain/error.hpp"
#include "core/runtime/system_clock.hpp"
#include "daemon/listener/client_fixture.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::internal_http {
namespace {

using namespace std::chrono_literals;
using listener::testing::Client;

/// A server on a loop of its own thread.
class RunningServer {
public:
    explicit RunningServer(const config::Endpoint& address, const InternalLimits& limits = {})
        : server_(loop_.get_executor(), address, health_, metrics_, log_, limits) {
        server_.start();
        thread_ = std::thread([this] { loop_.run(); });
    }
    ~RunningServer() { stop(); }
    RunningServer(const RunningServer&) = delete;
    RunningServer& operator=(const RunningServer&) = delete;

    void stop() {
        if (!thread_.joinable()) return;
        boost::asio::post(loop_, [this] { server_.stop(); });
        thread_.join();
    }

    template <typename Question>
    auto on_loop(Question question) {
        std::packaged_task<std::invoke_result_t<Question&>()> task(std::move(question));
        auto result = task.get_future();
        boost::asio::post(loop_, [&task] { task(); });
        return result.get();
    }

    int port() {
        return on_loop([this] { return server_.port(); });
    }
    std::size_t connections() {
        return on_loop([this] { return server_.connections(); });
    }
    std::string ask(const std::string& request) {
        Client client(port());
        client.send(request);
        return client.read_all();
    }
    telemetry::Log& log() { return log_; }

private:
    boost::asio::io_context loop_{1};
    runtime::SystemClock clock_{loop_.get_executor()};
    std::ostringstream out_;
    telemetry::Log log_{telemetry::LogFormat::json, telemetry::Level::info, out_};
    telemetry::Metrics metrics_{"1.0", log_};
    Health health_{clock_};
    InternalServer server_;
    std::thread thread_;
};

const config::Endpoint any_port{"127.0.0.1", 0, ""};

std::string closing(const std::string& head) {
    return head + "Host: x\r\nConnection: close\r\n\r\n";
}

TEST(InternalServer, serves_metrics_over_tcp) {
    RunningServer server(any_port);
    const std::string answer = server.ask(closing("GET /metrics HTTP/1.1\r\n"));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_NE(answer.find("\nsignwatch_polls_before_permitted_total 0\n"), std::string::npos);
}

TEST(InternalServer, keeps_a_connection_for_the_next_request) {
    RunningServer server(any_port);
    Client client(server.port());
    for (int i = 0; i < 3; ++i) {
        client.send("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
        EXPECT_TRUE(client.read_until("ok\n").starts_with("HTTP/1.1 200"));
    }
    client.send("GET /livez HTTP/1.1\r\nHost: x\r\n\r\nGET /nothing HTTP/1.1\r\nHost: x\r\n\r\n");
    const std::string pipelined = client.read_until("not found\n");
    EXPECT_NE(pipelined.find("HTTP/1.1 200"), std::string::npos);
    EXPECT_NE(pipelined.find("HTTP/1.1 404"), std::string::npos);
    EXPECT_EQ(server.connections(), 1U);
}

TEST(InternalServer, answers_head_without_a_body) {
    RunningServer server(any_port);
    const std::string answer = server.ask(closing("HEAD /livez HTTP/1.1\r\n"));
    EXPECT_NE(answer.find("Content-Length: 3\r\n"), std::string::npos) << answer;
    EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST(InternalServer, names_allowed_methods) {
    RunningServer server(any_port);
    const std::string answer = server.ask(closing("POST /metrics HTTP/1.1\r\nContent-Length: 0\r\n"));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 405")) << answer;
    EXPECT_NE(answer.find("Allow: GET, HEAD\r\n"), std::string::npos);
}

TEST(InternalServer, changes_the_log_level) {
    RunningServer server(any_port);
    const std::string answer = server.ask(closing("PUT /-/log-level HTTP/1.1\r\nContent-Length: 5\r\n") + "debug");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200")) << answer;
    EXPECT_EQ(server.log().level(), telemetry::Level::debug);
}

TEST(InternalServer, refuses_what_is_too_large_or_no_http) {
    RunningServer server(any_port);
    const std::string long_header = "GET /livez HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n";
    EXPECT_TRUE(server.ask(long_header).starts_with("HTTP/1.1 431"));
    const std::string long_body =
        closing("PUT /-/log-level HTTP/1.1\r\nContent-Length: 10000\r\n") + std::string(10'000, 'x');
    EXPECT_TRUE(server.ask(long_body).starts_with("HTTP/1.1 413"));
    EXPECT_TRUE(server.ask("\x16\x03\x01 hello\r\n\r\n").starts_with("HTTP/1.1 400"));
    EXPECT_TRUE(server.ask(closing("GET /livez HTTP/1.1\r\n")).starts_with("HTTP/1.1 200"));
}

TEST(InternalServer, closes_a_connection_that_sends_nothing_or_half_a_request) {
    InternalLimits limits;
    limits.request_time = 50ms;
    RunningServer server(any_port, limits);
    Client silent(server.port());
    Client half(server.port());
    half.send("GET /livez HT");
    EXPECT_EQ(silent.read_all(), "");
    EXPECT_EQ(half.read_all(), "");
}

TEST(InternalServer, closes_an_idle_connection_after_its_time) {
    InternalLimits limits;
    limits.idle_time = 50ms;
    RunningServer server(any_port, limits);
    Client client(server.port());
    client.send("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(client.read_all().ends_with("ok\n"));
}

TEST(InternalServer, turns_away_more_connections_than_allowed) {
    InternalLimits limits;
    limits.connections = 2;
    RunningServer server(any_port, limits);
    std::optional<Client> first(std::in_place, server.port());
    Client second(server.port());
    first->send("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
    second.send("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_NE(first->read_until("ok\n"), "");
    EXPECT_NE(second.read_until("ok\n"), "");
    Client third(server.port());
    EXPECT_EQ(third.read_all(), "");
    first.reset();
    while (server.connections() == 2)
        std::this_thread::yield();
    EXPECT_TRUE(server.ask(closing("GET /livez HTTP/1.1\r\n")).starts_with("HTTP/1.1 200"));
}

TEST(InternalServer, stopping_closes_every_connection_and_lets_the_loop_end) {
    RunningServer server(any_port);
    Client idle(server.port());
    idle.send("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_NE(idle.read_until("ok\n"), "");
    Client silent(server.port());
    server.stop();
    EXPECT_EQ(idle.read_all(), "");
    EXPECT_EQ(silent.read_all(), "");
}

TEST(InternalServer, serves_over_a_unix_socket_and_replaces_a_dead_one) {
    const signwatch::testing::TempDir folder;
    const std::string path = (folder.path() / "internal.sock").string();
    const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    ASSERT_EQ(::bind(dead, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ::close(dead);

    RunningServer server(config::Endpoint{"", 0, path});
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0660U);
    Client client(path);
    client.send(closing("GET /livez HTTP/1.1\r\n"));
    EXPECT_TRUE(client.read_all().ends_with("ok\n"));
    EXPECT_THROW(RunningServer(config::Endpoint{"", 0, path}), Error) << "somebody listens there";
    server.stop();
    EXPECT_NE(::stat(path.c_str(), &status), 0);
}

TEST(InternalServer, says_where_it_cannot_listen) {
    RunningServer server(any_port);
    try {
        const RunningServer second(config::Endpoint{"127.0.0.1", static_cast<std::uint16_t>(server.port()), ""});
        FAIL() << "the port is taken";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), "listen");
        EXPECT_NE(std::string(error.what()).find("127.0.0.1:"), std::string::npos);
    }
    EXPECT_THROW(RunningServer(config::Endpoint{"no.such.host", 1, ""}), Error);
    EXPECT_THROW(RunningServer(config::Endpoint{"", 0, "/nonexistent/folder/socket"}), Error);
}

}  // namespace
}  // namespace signwatch::internal_http
