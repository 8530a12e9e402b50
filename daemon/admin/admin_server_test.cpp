// The admin listener through real sockets: who may, and what hostile clients cost us.
#include "daemon/admin/admin_server.hpp"

#include <functional>
#include <future>
#include <sstream>
#include <sys/stat.h>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include "daemon/admin/admin_fixture.hpp"
#include "daemon/listener/client_fixture.hpp"
#include "tests/fakes/test_pki.hpp"

namespace signwatch::admin {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using listener::testing::Client;
using signwatch::testing::KeyPair;
using signwatch::testing::Subject;
using signwatch::testing::TestAuthority;

const std::string token = "a-token-of-the-right-length";

std::string get(const std::string& more = "") {
    return "GET /v1/processes HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + more + "\r\n";
}

std::string post(const std::string& body, const std::string& more = "Content-Type: application/json\r\n") {
    return "POST /v1/processes HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + more +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// The server over its fixture, on a loop of its own thread.
class RunningAdmin {
public:
    template <typename Question>
    auto on_loop(Question question) {
        std::packaged_task<std::invoke_result_t<Question&>()> task(std::move(question));
        auto result = task.get_future();
        asio::post(fixture_.loop, [&task] { task(); });
        return result.get();
    }
    explicit RunningAdmin(config::AdminSettings settings, const listener::Limits& limits = admin_limits()) {
        if (settings.listen == config::Endpoint{}) settings.listen.unix_path = socket();
        server_.emplace(fixture_.loop.get_executor(), settings, fixture_.parts(), metrics_, log_, limits);
        server_->start();
        thread_ = std::thread([this] { fixture_.loop.run(); });
    }
    ~RunningAdmin() {
        on_loop([this] { server_->stop(); });
        work_.reset();
        thread_.join();
    }
    RunningAdmin(const RunningAdmin&) = delete;
    RunningAdmin& operator=(const RunningAdmin&) = delete;

    std::string socket() const { return (fixture_.folder.path() / "admin.sock").string(); }
    int port() {
        return on_loop([this] { return server_->port(); });
    }
    std::string ask(const std::string& request) {
        Client client(socket());
        client.send(request);
        return client.read_all();
    }
    AdminServer& server() { return *server_; }
    std::string metrics() const { return metrics_.render(); }
    std::string logged() {
        return on_loop([this] { return out_.str(); });
    }

private:
    testing::AdminFixture fixture_;
    std::ostringstream out_;
    telemetry::Log log_{telemetry::LogFormat::json, telemetry::Level::debug, out_};
    telemetry::Metrics metrics_{"1.0", log_};
    std::optional<AdminServer> server_;
    asio::executor_work_guard<asio::io_context::executor_type> work_{fixture_.loop.get_executor()};
    std::thread thread_;
};

/// Key material in files.
struct Material {
    signwatch::testing::TempDir folder;
    TestAuthority servers{"servers"};
    TestAuthority clients{"clients"};

    static Subject named(const std::string& name) {
        Subject subject;
        subject.common_name = name;
        subject.ip_addresses = {"127.0.0.1"};
        return subject;
    }
    std::string file(const std::string& name, const std::string& content) const {
        return folder.write(name, content).string();
    }
    config::AdminSettings settings(bool client_certificates) const {
        const KeyPair pair = servers.issue(named("server"));
        config::AdminSettings settings;
        settings.listen = {"127.0.0.1", 0, ""};
        settings.certificate_file = file("server.pem", pair.certificate_pem);
        settings.key_file = file("server.key", pair.key_pem);
        if (client_certificates) settings.client_ca_file = file("clients.pem", clients.certificate_pem());
        return settings;
    }

    /// The answer to one request, or why there was none.
    std::string ask(int port, const TestAuthority* issuer, const std::string& request, int most_tls = 0) const {
        asio::io_context loop;
        asio::ssl::context context(asio::ssl::context::tls_client);
        if (most_tls != 0) SSL_CTX_set_max_proto_version(context.native_handle(), most_tls);
        context.add_certificate_authority(asio::buffer(servers.certificate_pem()));
        context.set_verify_mode(asio::ssl::verify_peer);
        if (issuer) {
            const KeyPair pair = issuer->issue(named("client"));
            context.use_certificate_chain(asio::buffer(pair.certificate_pem));
            context.use_private_key(asio::buffer(pair.key_pem), asio::ssl::context::pem);
        }
        asio::ssl::stream<asio::ip::tcp::socket> stream(loop, context);
        std::string answer;
        try {
            stream.next_layer().connect({asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port)});
            stream.handshake(asio::ssl::stream_base::client);
            asio::write(stream, asio::buffer(request));
            boost::system::error_code ended;
            asio::read(stream, asio::dynamic_buffer(answer), ended);
            return ended == asio::error::eof ? answer : "ended: " + ended.message();
        } catch (const boost::system::system_error& error) {
            return "refused: " + error.code().message();
        }
    }
};

TEST(AdminServer, serves_over_a_unix_socket_for_owner_and_group) {
    RunningAdmin admin({});
    struct stat status {};
    ASSERT_EQ(::stat(admin.socket().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0660U);
    const std::string added = admin.ask(post(R"({"account":"acme","processId":"1","correlationId":"c"})"));
    EXPECT_TRUE(added.starts_with("HTTP/1.1 201 Created\r\n")) << added;
    EXPECT_NE(added.find("Content-Type: application/json\r\n"), std::string::npos);
    EXPECT_TRUE(admin.ask(get()).starts_with("HTTP/1.1 200 OK\r\n"));
    const std::string removed =
        admin.ask("DELETE /v1/processes/acme/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(removed.starts_with("HTTP/1.1 204 No Content\r\n")) << removed;
    EXPECT_EQ(removed.find("Content-Length"), std::string::npos);
    EXPECT_NE(admin.metrics().find(R"(signwatch_admin_requests_total{route="register",status="201"} 1)"),
              std::string::npos);
}

TEST(AdminServer, wants_the_token_and_keeps_it_to_itself) {
    const Material material;
    config::AdminSettings settings;
    settings.token_file = material.file("token", token + "\n");
    RunningAdmin admin(settings);
    const std::vector<std::string> headers{"",
                                           "Authorization: Bearer\r\n",
                                           "Authorization: Bearer " + token + "x\r\n",
                                           "Authorization: Basic " + token + "\r\n",
                                           "Authorization: " + token + "\r\n"};
    for (const std::string& header : headers) {
        const std::string refused = admin.ask(get(header));
        EXPECT_TRUE(refused.starts_with("HTTP/1.1 401 ")) << refused;
        EXPECT_NE(refused.find("WWW-Authenticate: Bearer realm=\"signwatch\"\r\n"), std::string::npos);
    }
    EXPECT_TRUE(admin.ask(get("Authorization: bearer " + token + "\r\n")).starts_with("HTTP/1.1 200 "));
    EXPECT_TRUE(admin.ask(post("{}", "")).starts_with("HTTP/1.1 401 ")) << "before its body is looked at";
    EXPECT_EQ(admin.logged().find(token), std::string::npos);
    EXPECT_NE(admin.metrics().find(R"(signwatch_admin_requests_total{route="list",status="401"} 5)"),
              std::string::npos);

    settings.token_file = material.file("token", "another-token-of-good-length");
    Access renewed = Access::read(settings);
    admin.on_loop([&] { admin.server().adopt(std::move(renewed)); });
    EXPECT_TRUE(admin.ask(get("Authorization: Bearer " + token + "\r\n")).starts_with("HTTP/1.1 401 "));
}

TEST(AdminServer, a_token_without_substance_is_refused) {
    const Material material;
    config::AdminSettings settings;
    for (const std::string& text :
         {std::string(), std::string("short"), token + " " + token, std::string(2'000, 'x')}) {
        settings.token_file = material.file("token", text);
        EXPECT_THROW(Access::read(settings), Error) << text;
    }
    settings.token_file = "/nonexistent";
    EXPECT_THROW(Access::read(settings), Error);
}

TEST(AdminServer, mutual_tls_lets_in_only_certificates_of_its_authority) {
    const Material material;
    RunningAdmin admin(material.settings(true));
    const int port = admin.port();
    EXPECT_TRUE(material.ask(port, &material.clients, get()).starts_with("HTTP/1.1 200 "));
    EXPECT_TRUE(material.ask(port, &material.clients, get(), TLS1_2_VERSION).starts_with("HTTP/1.1 200 "));
    const std::string none = material.ask(port, nullptr, get());
    EXPECT_EQ(none.find("HTTP/"), std::string::npos) << none;
    const std::string foreign = material.ask(port, &material.servers, get());
    EXPECT_EQ(foreign.find("HTTP/"), std::string::npos) << foreign;
    EXPECT_TRUE(material.ask(port, &material.clients, get(), TLS1_1_VERSION).starts_with("refused: "));
    Client plain(port);
    plain.send(get());
    EXPECT_EQ(plain.read_all().find("HTTP/"), std::string::npos);
    EXPECT_EQ(admin.metrics().find("status=\"4"), std::string::npos);
}

TEST(AdminServer, a_token_over_tls) {
    const Material material;
    config::AdminSettings settings = material.settings(false);
    settings.token_file = material.file("token", token);
    RunningAdmin admin(settings);
    EXPECT_TRUE(material.ask(admin.port(), nullptr, get()).starts_with("HTTP/1.1 401 "));
    EXPECT_TRUE(material.ask(admin.port(), nullptr, get("Authorization: Bearer " + token + "\r\n"))
                    .starts_with("HTTP/1.1 200 "));
}

TEST(AdminServer, says_which_file_it_cannot_use) {
    const Material material;
    config::AdminSettings settings = material.settings(true);
    settings.key_file = material.file("other.key", material.servers.issue(Material::named("other")).key_pem);
    try {
        Access::read(settings);
        FAIL() << "the key belongs to another certificate";
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("other.key"), std::string::npos) << error.what();
    }
}

TEST(AdminServer, refuses_what_is_too_large) {
    RunningAdmin admin({});
    const std::string large(3U << 20U, ' ');
    EXPECT_TRUE(admin.ask(post(large)).starts_with("HTTP/1.1 413 "));
    const std::string chunked =
        "POST /v1/processes HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        "300000\r\n" +
        large + "\r\n0\r\n\r\n";
    EXPECT_TRUE(admin.ask(chunked).starts_with("HTTP/1.1 413 "));
    EXPECT_TRUE(admin.ask(get("X: " + std::string(20'000, 'x') + "\r\n")).starts_with("HTTP/1.1 431 "));
    const std::string no_http = admin.ask("\x16\x03\x01 hello\r\n\r\n");
    EXPECT_TRUE(no_http.starts_with("HTTP/1.1 400 ")) << no_http;
    EXPECT_NE(no_http.find("{\"error\":{\"code\":\"no_http\""), std::string::npos);
    const std::string almost = "[" + std::string((2U << 20U) - 2, ' ') + "]";
    EXPECT_TRUE(admin.ask(post(almost)).starts_with("HTTP/1.1 200 "));
}

TEST(AdminServer, refuses_what_is_not_meant_for_it) {
    RunningAdmin admin({});
    EXPECT_TRUE(admin.ask(post("{}", "Content-Type: text/plain\r\n")).starts_with("HTTP/1.1 415 "));
    EXPECT_TRUE(admin.ask(post("{}", "")).starts_with("HTTP/1.1 415 "));
    EXPECT_TRUE(admin.ask(post("{")).starts_with("HTTP/1.1 400 "));
    EXPECT_TRUE(admin.ask(post("{\"account\":\"\xc3\x28\"}")).starts_with("HTTP/1.1 400 "));
    EXPECT_TRUE(admin.ask(post("{}")).starts_with("HTTP/1.1 422 "));
    EXPECT_TRUE(
        admin.ask("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").starts_with("HTTP/1.1 404 "));
}

TEST(AdminServer, waits_for_nobody_who_is_slow) {
    listener::Limits limits = admin_limits();
    limits.request_time = 50ms;
    RunningAdmin admin({}, limits);
    Client half(admin.socket());
    half.send(
        "POST /v1/processes HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{");
    EXPECT_EQ(half.read_all(), "");
    const Material material;
    RunningAdmin secure(material.settings(true), limits);
    Client silent(secure.port());
    EXPECT_EQ(silent.read_all(), "") << "the handshake counts, too";
}

TEST(AdminServer, asks_for_the_body_of_who_waits_for_that) {
    RunningAdmin admin({});
    Client client(admin.socket());
    client.send(
        "POST /v1/processes HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
        "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("[]");
    EXPECT_TRUE(client.read_all().starts_with("HTTP/1.1 200 "));
}

TEST(AdminServer, draining_ends_idle_connections_and_takes_no_more) {
    RunningAdmin admin({});
    Client idle(admin.socket());
    idle.send("GET /v1/processes HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_NE(idle.read_until("]}\n"), "");
    Client half(admin.socket());
    half.send("GET /v1/pro");
    admin.on_loop([&] { admin.server().drain(); });
    EXPECT_EQ(idle.read_all(), "");
    EXPECT_EQ(half.read_all(), "");
    struct stat status {};
    EXPECT_NE(::stat(admin.socket().c_str(), &status), 0);
    while (admin.on_loop([&] { return admin.server().connections(); }) > 0)
        std::this_thread::yield();
}

}  // namespace
}  // namespace signwatch::admin
