#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/http/client_fixture.hpp"

namespace signwatch::http::testing {
namespace {

using ::testing::HasSubstr;

void say_hello(const ServerRequest& request, ServerConnection& connection) {
    connection.answer(200, "hello " + request.peer);
}

struct TlsTest : ClientFixture {
    /// One GET to a server with that certificate, as an account that expects `number`.
    Outcome call(const Subject& subject, const std::string& number = "") {
        const TestServer server(serving(subject), say_hello);
        HttpIdentity who = identity(server);
        who.server_organisation = number;
        Outcome outcome = send(who, get(server));
        requests_seen = server.requests();
        return outcome;
    }
    int requests_seen = 0;
};

TEST_F(TlsTest, client_certificate_is_presented) {
    const Outcome outcome = call(host());
    ASSERT_EQ(outcome.code(), "answer 200") << outcome.text();
    EXPECT_EQ(outcome.response->body, "hello signwatch client");
}

TEST_F(TlsTest, server_of_another_authority_gets_nothing) {
    const TestAuthority stranger("Stranger");
    const TestServer server({stranger.issue(host()), ""}, say_hello);
    const Outcome outcome = send(identity(server), get(server));
    EXPECT_EQ(outcome.code(), "http_tls");
    EXPECT_THAT(outcome.text(), HasSubstr("certificate was refused"));
    EXPECT_EQ(server.requests(), 0);
    EXPECT_EQ(server.handshakes(), 0);
}

TEST_F(TlsTest, expired_server_is_refused_in_both_modes) {
    Subject expired = host();
    expired.valid_from = std::chrono::hours(-48);
    expired.valid_to = std::chrono::hours(-1);
    expired.organisation_identifier = "NTRNO-984661185";
    for (const std::string number : {"", "984661185"}) {
        const Outcome outcome = call(expired, number);
        EXPECT_EQ(outcome.code(), "http_tls");
        EXPECT_THAT(outcome.text(), HasSubstr("expired"));
        EXPECT_EQ(requests_seen, 0);
    }
}

TEST_F(TlsTest, host_name_is_checked_when_no_organisation_is_expected) {
    Subject elsewhere;
    elsewhere.common_name = "127.0.0.1 984661185";
    elsewhere.dns_names = {"example.org"};
    const Outcome outcome = call(elsewhere);
    EXPECT_EQ(outcome.code(), "http_tls");
    EXPECT_THAT(outcome.text(), HasSubstr("another host"));
    EXPECT_EQ(requests_seen, 0);
}

TEST_F(TlsTest, organisation_is_found_in_each_of_three_places) {
    Subject seid2 = organisation("Posten Bring AS");
    seid2.organisation_identifier = "NTRNO-984661185";
    Subject older = organisation("Posten Bring AS");
    older.serial_number = "984661185";
    const Subject oldest = organisation("POSTEN BRING AS - 984661185, Signering");
    for (const Subject& subject : {seid2, older, oldest}) {
        const Outcome outcome = call(subject, "984661185");
        EXPECT_EQ(outcome.code(), "answer 200") << outcome.text();
    }
}

TEST_F(TlsTest, other_organisations_are_refused_before_anything_is_sent) {
    Subject other = organisation("Another AS");
    other.organisation_identifier = "NTRNO-999999999";
    Subject other_scheme = organisation("Another AS");
    other_scheme.organisation_identifier = "VATNO-984661185";
    Subject longer = organisation("Another AS");
    longer.organisation_identifier = "NTRNO-9846611850";
    Subject other_serial = organisation("Another AS 984661185");
    other_serial.serial_number = "999999999";
    Subject boast = organisation("Posten Bring AS 984661185");
    boast.organisation_identifier = "NTRNO-999999999";
    Subject host_only = host();
    const Subject part_of_word = organisation("Another AS 1984661185");
    const Subject part_of_word_too = organisation("AS984661185x");
    for (const Subject& subject :
         {other, other_scheme, longer, other_serial, boast, host_only, part_of_word, part_of_word_too}) {
        const Outcome outcome = call(subject, "984661185");
        EXPECT_EQ(outcome.code(), "http_tls") << subject.common_name;
        EXPECT_THAT(outcome.text(), HasSubstr("organisation"));
        EXPECT_EQ(requests_seen, 0);
    }
}

TEST_F(TlsTest, organisation_does_not_replace_the_chain) {
    const TestAuthority stranger("Stranger");
    Subject right = organisation("Posten Bring AS");
    right.organisation_identifier = "NTRNO-984661185";
    const TestServer server({stranger.issue(right), ""}, say_hello);
    HttpIdentity who = identity(server);
    who.server_organisation = "984661185";
    EXPECT_EQ(send(who, get(server)).code(), "http_tls");
    EXPECT_EQ(server.handshakes(), 0);
}

TEST_F(TlsTest, each_new_connection_is_checked_anew) {
    Subject right = organisation("Posten Bring AS");
    right.organisation_identifier = "NTRNO-984661185";
    const auto hang_up = [](const ServerRequest&, ServerConnection& connection) {
        connection.answer(200, "", "Connection: close\r\n");
        connection.close_notify();
    };
    const TestServer server(serving(right), hang_up);
    HttpIdentity who = identity(server);
    who.server_organisation = "984661185";
    const auto client = factory->create(who);
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(finish(client->send(get(server))).code(), "answer 200");
    EXPECT_EQ(server.handshakes(), 3);
}

TEST_F(TlsTest, server_that_wants_another_client_certificate_is_a_tls_error) {
    const TestAuthority stranger("Stranger");
    const TestServer server({authority.issue(host()), stranger.certificate_pem()}, say_hello);
    const Outcome outcome = send(identity(server), get(server));
    EXPECT_EQ(outcome.code(), "http_tls") << outcome.text();
    EXPECT_EQ(server.requests(), 0);
}

TEST_F(TlsTest, tls_1_2_is_the_least) {
    TestServer::Options options = serving(host());
    options.max_tls = TLS1_2_VERSION;
    const TestServer older(options, say_hello);
    EXPECT_EQ(send(identity(older), get(older)).code(), "answer 200");
    options.max_tls = TLS1_1_VERSION;
    const TestServer oldest(options, say_hello);
    EXPECT_EQ(send(identity(oldest), get(oldest)).code(), "http_tls");
    EXPECT_EQ(oldest.requests(), 0);
}

TEST_F(TlsTest, pkcs12_serves_instead_of_pem) {
    const TestServer server(serving(host()), say_hello);
    HttpIdentity who = identity(server);
    who.certificate_file = who.key_file = "";
    who.pkcs12_file = files.write("client.p12", signwatch::testing::to_pkcs12(ours, "sesame"));
    who.key_password_file = files.write("password", "sesame\n");
    const Outcome outcome = send(who, get(server));
    ASSERT_EQ(outcome.code(), "answer 200") << outcome.text();
    EXPECT_EQ(outcome.response->body, "hello signwatch client");
}

TEST_F(TlsTest, encrypted_key_is_opened_with_the_password_file) {
    const TestServer server(serving(host()), say_hello);
    HttpIdentity who = identity(server);
    who.key_file = files.write("encrypted.key", signwatch::testing::encrypt_key(ours.key_pem, "sesame"));
    who.key_password_file = files.write("password", "sesame\r\n");
    EXPECT_EQ(send(who, get(server)).code(), "answer 200");
}

TEST_F(TlsTest, a_client_without_a_certificate_is_possible) {
    const TestServer server({authority.issue(host()), ""}, say_hello);
    HttpIdentity who = identity(server);
    who.certificate_file = who.key_file = "";
    const Outcome outcome = send(who, get(server));
    ASSERT_EQ(outcome.code(), "answer 200") << outcome.text();
    EXPECT_EQ(outcome.response->body, "hello ");
}

// OpenSSL finds the system's authorities by this variable, if it is set.
TEST_F(TlsTest, the_system_authorities_are_trusted_on_request) {
    const TestServer server({authority.issue(host()), ""}, say_hello);
    HttpIdentity who = identity(server);
    who.certificate_file = who.key_file = who.ca_file = "";
    who.system_authorities = true;
    EXPECT_EQ(send(who, get(server)).code(), "http_tls");
    ASSERT_EQ(::setenv("SSL_CERT_FILE", files.write("system.pem", authority.certificate_pem()).c_str(), 1), 0);
    const Outcome outcome = send(who, get(server));
    ::unsetenv("SSL_CERT_FILE");
    EXPECT_EQ(outcome.code(), "answer 200") << outcome.text();
    Subject elsewhere = host();
    elsewhere.ip_addresses = {};
    elsewhere.dns_names = {"example.org"};
    EXPECT_EQ(call(elsewhere).code(), "http_tls");
}

}  // namespace
}  // namespace signwatch::http::testing
