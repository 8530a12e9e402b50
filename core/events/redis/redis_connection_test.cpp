#include <signal.h>

#include <gmock/gmock.h>

#include "core/events/redis/test_support.hpp"
#include "tests/fakes/memory_event_stream.hpp"
#include "tests/fakes/temp_dir.hpp"
#include "tests/fakes/test_pki.hpp"

namespace signwatch::redis {
namespace {

using signwatch::testing::free_port;
using signwatch::testing::KeyPair;
using signwatch::testing::outbox_event;
using signwatch::testing::RedisServer;
using signwatch::testing::Subject;
using signwatch::testing::TempDir;
using signwatch::testing::TestAuthority;

const std::string key = "signwatch:events";

RedisServer::Options with(std::vector<std::string> arguments) {
    RedisServer::Options options;
    options.extra = std::move(arguments);
    return options;
}

TEST(RedisConnection, comes_back_when_the_server_does) {
    RedisServer server;
    Client client(settings_for(server));
    client.publish({}, {outbox_event(1)});
    server.kill();
    expect_error(ErrorKind::transient, "redis_connect", [&] { client.publish({}, {outbox_event(1)}); });
    EXPECT_EQ(client.trouble(), "redis_connect");
    server.start();
    EXPECT_EQ(client.publish({}, {outbox_event(1)}).end, (EntryId{1, 0}));
    EXPECT_EQ(client.states(), (std::vector<std::string>{"connected", "redis_connect", "connected"}));
}

TEST(RedisConnection, tells_that_the_first_attempt_failed) {
    RedisSettings settings;
    settings.addresses.front().port = free_port();
    Client client(settings);
    EXPECT_EQ(client.trouble(), "redis_connect");
    EXPECT_EQ(client.states(), std::vector<std::string>{"redis_connect"});
}

TEST(RedisConnection, replaces_an_idle_connection_that_was_closed) {
    const RedisServer server;
    Client client(settings_for(server));
    client.publish({}, {outbox_event(1)});
    server.cli({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
    EXPECT_EQ(client.publish({1, 0}, {outbox_event(2)}).end, (EntryId{2, 0}));
    EXPECT_EQ(client.states(), std::vector<std::string>{"connected"});
}

TEST(RedisConnection, has_a_name) {
    const RedisServer server;
    Client client(settings_for(server));
    client.end();
    EXPECT_NE(server.cli({"CLIENT", "LIST"}).find("name=signwatch"), std::string::npos);
}

TEST(RedisConnection, gives_up_on_a_server_that_hangs) {
    const RedisServer server;
    RedisSettings settings = settings_for(server);
    settings.access.reply_timeout = std::chrono::milliseconds{200};
    Client client(settings);
    while (client.trouble() == "redis_timeout") {  // a loaded machine
    }
    const std::string info = server.cli({"INFO", "server"});
    const pid_t pid = std::stoi(info.substr(info.find("process_id:") + 11));
    ASSERT_EQ(::kill(pid, SIGSTOP), 0);
    expect_error(ErrorKind::transient, "redis_timeout", [&] { client.publish({}, {outbox_event(1)}); });
    EXPECT_EQ(client.trouble(), "redis_timeout");
    ASSERT_EQ(::kill(pid, SIGCONT), 0);
    while (client.trouble() == "redis_timeout") {
    }
    EXPECT_EQ(client.trouble(), "");
}

TEST(RedisConnection, uses_a_unix_socket) {
    const RedisServer server;
    RedisSettings settings = settings_for(server);
    settings.addresses.front().port = 1;
    settings.addresses.front().unix_socket = server.unix_socket();
    Client client(settings);
    EXPECT_EQ(client.publish({}, {outbox_event(1)}).end, (EntryId{1, 0}));
    settings.addresses.front().unix_socket = server.directory() / "absent.sock";
    Client absent(settings);
    EXPECT_EQ(absent.trouble(), "redis_connect");
    settings.addresses.front().unix_socket = std::string(200, 'x');
    Client wrong(settings);
    EXPECT_EQ(wrong.trouble(), "redis_connect");
}

TEST(RedisConnection, reads_the_password_again_at_each_connect) {
    const RedisServer server(with({"--requirepass", "first"}));
    const TempDir directory;
    RedisSettings settings = settings_for(server);
    Client nobody(settings);
    expect_error(ErrorKind::unauthorized, "redis_auth", [&] { nobody.end(); });

    settings.access.password_file = directory.write("password", "wrong\n");
    Client client(settings);
    expect_error(ErrorKind::unauthorized, "redis_auth", [&] { client.end(); });
    directory.write("password", "first\n");
    EXPECT_EQ(client.trouble(), "");

    settings.access.password_file = directory.path() / "absent";
    Client absent(settings);
    expect_error(ErrorKind::unauthorized, "redis_auth", [&] { absent.end(); });
    settings.access.password_file = directory.path();
    Client folder(settings);
    expect_error(ErrorKind::unauthorized, "redis_auth", [&] { folder.end(); });
}

TEST(RedisConnection, says_that_a_server_without_users_wants_no_password) {
    const RedisServer server;
    const TempDir directory;
    RedisSettings settings = settings_for(server);
    settings.access.password_file = directory.write("password", "needless");
    Client client(settings);
    expect_error(ErrorKind::unauthorized, "redis_auth", [&] { client.end(); });
}

const std::vector<std::string> minimal_user{"ACL",
                                            "SETUSER",
                                            "publisher",
                                            "reset",
                                            "on",
                                            ">secret",
                                            "~signwatch:events",
                                            "+watch",
                                            "+unwatch",
                                            "+multi",
                                            "+exec",
                                            "+xinfo|stream",
                                            "+xrange",
                                            "+xadd"};

struct LimitedUser : ::testing::Test {
    RedisServer server;
    TempDir directory;
    RedisSettings settings = settings_for(server);

    LimitedUser() {
        server.cli(minimal_user);
        settings.access.username = "publisher";
        settings.access.password_file = directory.write("password", "secret");
    }
};

TEST_F(LimitedUser, needs_no_more_than_the_documented_commands) {
    Client client(settings);
    const std::vector<OutboxEvent> batch{outbox_event(1), outbox_event(2)};
    EXPECT_EQ(client.publish({}, {batch[0]}).end, (EntryId{1, 0}));
    EXPECT_EQ(client.publish({}, batch).end, (EntryId{2, 0}));
    EXPECT_EQ(client.publish({}, batch).end, (EntryId{2, 0}));
    EXPECT_EQ(client.publish({1, 0}, {outbox_event(1, 5)}).displaced, std::vector<std::int64_t>{1005});
    EXPECT_EQ(client.end(), (EntryId{2, 0}));
    server.cli({"ACL", "SETUSER", "publisher", "+select", "+client|setname"});
    settings.database = 1;
    Client other(settings);
    EXPECT_EQ(other.end(), EntryId{});
    EXPECT_NE(server.cli({"CLIENT", "LIST"}).find("name=signwatch"), std::string::npos);
}

TEST_F(LimitedUser, says_so_when_a_permission_is_missing) {
    for (const std::string command : {"watch", "multi", "exec", "xinfo|stream", "xadd"}) {
        Client client(settings);
        server.cli({"ACL", "SETUSER", "publisher", "-" + command});
        expect_error(ErrorKind::unauthorized, "redis_permission", [&] { client.publish({}, {outbox_event(1)}); });
        EXPECT_EQ(server.cli({"EXISTS", key}), "0\n") << command;
        server.cli({"ACL", "SETUSER", "publisher", "+" + command});
    }
    settings.stream = "another:key";
    Client client(settings);
    expect_error(ErrorKind::unauthorized, "redis_permission", [&] { client.publish({}, {outbox_event(1)}); });
}

TEST_F(LimitedUser, recovers_when_its_permission_is_back) {
    Client client(settings);
    client.publish({}, {outbox_event(1)});
    server.cli({"ACL", "SETUSER", "publisher", "-xadd"});
    expect_error(ErrorKind::unauthorized, "redis_permission", [&] { client.publish({}, {outbox_event(2)}); });
    server.cli({"ACL", "SETUSER", "publisher", "+xadd"});
    EXPECT_EQ(client.publish({}, {outbox_event(2)}).end, (EntryId{2, 0}));
}

struct TlsServer : ::testing::Test {
    TempDir directory;
    TestAuthority authority{"Redis test CA"};
    TestAuthority stranger{"another CA"};
    int port = free_port();

    RedisServer serve(const std::string& client_certificates) {
        Subject subject;
        subject.common_name = "redis.test";
        subject.dns_names = {"redis.test"};
        subject.ip_addresses = {"127.0.0.1"};
        const KeyPair pair = authority.issue(subject);
        return RedisServer(with({"--tls-port",
                                 std::to_string(port),
                                 "--tls-cert-file",
                                 directory.write("server.pem", pair.certificate_pem),
                                 "--tls-key-file",
                                 directory.write("server.key", pair.key_pem),
                                 "--tls-ca-cert-file",
                                 directory.write("ca.pem", authority.certificate_pem()),
                                 "--tls-auth-clients",
                                 client_certificates}));
    }

    RedisSettings trusting(const TestAuthority& whom) {
        RedisSettings settings;
        settings.addresses.front().port = port;
        settings.access.tls = true;
        settings.access.ca_file = directory.write("trusted.pem", whom.certificate_pem());
        settings.access.connect_timeout = settings.access.reply_timeout = std::chrono::seconds{20};
        return settings;
    }

    void present(RedisSettings& settings, const TestAuthority& issuer) {
        Subject subject;
        subject.common_name = "signwatch";
        const KeyPair pair = issuer.issue(subject);
        settings.access.certificate_file = directory.write("client.pem", pair.certificate_pem);
        settings.access.key_file = directory.write("client.key", pair.key_pem);
    }
};

TEST_F(TlsServer, is_used_when_its_certificate_and_name_are_right) {
    const RedisServer server = serve("no");
    Client by_address(trusting(authority));
    EXPECT_EQ(by_address.publish({}, {outbox_event(1)}).end, (EntryId{1, 0}));
    RedisSettings settings = trusting(authority);
    settings.access.server_name = "redis.test";
    Client by_name(settings);
    EXPECT_EQ(by_name.publish({}, {outbox_event(1), outbox_event(2)}).end, (EntryId{2, 0}));
    server.cli({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
    EXPECT_EQ(by_name.publish({2, 0}, {outbox_event(3)}).end, (EntryId{3, 0}));
    EXPECT_EQ(by_name.states(), std::vector<std::string>{"connected"});
}

TEST_F(TlsServer, is_refused_with_the_wrong_name) {
    const RedisServer server = serve("no");
    RedisSettings settings = trusting(authority);
    settings.access.server_name = "other.test";
    Client client(settings);
    expect_error(ErrorKind::unauthorized, "redis_tls", [&] { client.end(); });
}

TEST_F(TlsServer, is_refused_with_a_certificate_from_elsewhere) {
    const RedisServer server = serve("no");
    Client client(trusting(stranger));
    expect_error(ErrorKind::unauthorized, "redis_tls", [&] { client.end(); });
    RedisSettings settings = trusting(stranger);
    settings.access.ca_file.clear();
    Client with_system_authorities(settings);
    expect_error(ErrorKind::unauthorized, "redis_tls", [&] { with_system_authorities.end(); });
    settings.access.ca_file = directory.path() / "absent.pem";
    Client without_file(settings);
    expect_error(ErrorKind::unauthorized, "redis_tls", [&] { without_file.end(); });
}

TEST_F(TlsServer, gets_a_client_certificate_if_it_asks_for_one) {
    const RedisServer server = serve("yes");
    RedisSettings settings = trusting(authority);
    // The reset of the connection may overtake the alert of TLS 1.3.
    const auto refused = ::testing::AnyOf("redis_tls", "redis_io");
    Client anonymous(settings);
    EXPECT_THAT(anonymous.trouble(), refused);
    present(settings, stranger);
    Client foreign(settings);
    EXPECT_THAT(foreign.trouble(), refused);
    present(settings, authority);
    Client known(settings);
    EXPECT_EQ(known.publish({}, {outbox_event(1)}).end, (EntryId{1, 0}));
}

TEST_F(TlsServer, is_not_taken_for_one_without_tls) {
    const RedisServer server = serve("no");
    RedisSettings settings = trusting(authority);
    settings.addresses.front().port = server.port();
    settings.access.connect_timeout = std::chrono::milliseconds{200};
    Client client(settings);
    // It waits for the end of a line, which our random bytes may hold.
    EXPECT_THAT(client.trouble(), ::testing::AnyOf("redis_timeout", "redis_tls"));
}

}  // namespace
}  // namespace signwatch::redis
