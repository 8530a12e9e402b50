#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "core/domain/error.hpp"
#include "core/http/client_factory.hpp"
#include "core/http/test_server.hpp"
#include "tests/fakes/temp_dir.hpp"
#include "tests/fakes/test_pki.hpp"

namespace signwatch::http::testing {

using signwatch::testing::KeyPair;
using signwatch::testing::Subject;
using signwatch::testing::TempDir;
using signwatch::testing::TestAuthority;

/// The end of a request: an answer or an Error.
struct Outcome {
    std::optional<HttpResponse> response;
    std::optional<Error> error;

    std::string code() const {
        return error ? error->code() : "answer " + std::to_string(response ? response->status : 0);
    }
    std::string text() const { return error ? error->what() : ""; }
};

struct CollectingSink : DocumentSink {
    void write(std::span<const std::byte> bytes) override {
        text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    std::string text;
};

/// A loop, a pinned authority, our own certificate, and requests that are waited for.
struct ClientFixture : ::testing::Test {
    static Subject host() {
        Subject subject;
        subject.common_name = "server";
        subject.dns_names = {"localhost"};
        subject.ip_addresses = {"127.0.0.1"};
        return subject;
    }
    static Subject organisation(const std::string& common_name) {
        Subject subject;
        subject.common_name = common_name;
        return subject;
    }

    TestServer::Options serving(const Subject& subject) {
        return {authority.issue(subject), authority.certificate_pem()};
    }

    HttpIdentity identity(const std::string& origin) {
        HttpIdentity identity;
        identity.origin = origin;
        identity.ca_file = files.write("ca.pem", authority.certificate_pem());
        identity.certificate_file = files.write("client.pem", ours.certificate_pem);
        identity.key_file = files.write("client.key", ours.key_pem);
        identity.user_agent = "signwatch-test/1";
        return identity;
    }
    HttpIdentity identity(const TestServer& server) { return identity(server.origin("127.0.0.1")); }

    /// With time-outs that a busy machine does not reach.
    static HttpRequest get(const std::string& url) {
        HttpRequest request;
        request.url = Sensitive(url);
        request.connect_timeout = std::chrono::seconds(30);
        request.total_timeout = std::chrono::seconds(60);
        return request;
    }
    static HttpRequest get(const TestServer& server, const std::string& path = "/") {
        return get(server.origin("127.0.0.1") + path);
    }

    /// Starts a request; the outcome is filled in while the loop runs.
    void begin(Task<HttpResponse> task, Outcome& outcome) {
        loop.restart();
        boost::asio::co_spawn(loop, std::move(task), [&outcome](std::exception_ptr error, HttpResponse response) {
            try {
                if (error) std::rethrow_exception(error);
                outcome.response = std::move(response);
            } catch (const Error& caught) {
                outcome.error = caught;
            }
        });
    }
    void wait(const Outcome& outcome) {
        while (!outcome.response && !outcome.error)
            loop.run_one();
    }
    Outcome finish(Task<HttpResponse> task) {
        Outcome outcome;
        begin(std::move(task), outcome);
        wait(outcome);
        return outcome;
    }
    Outcome send(const HttpIdentity& who, HttpRequest request) {
        const auto client = factory->create(who);
        return finish(client->send(std::move(request)));
    }

    TempDir files;
    TestAuthority authority{"Pinned Authority"};
    KeyPair ours = authority.issue(organisation("signwatch client"));
    boost::asio::io_context loop{1};
    std::unique_ptr<ClientFactory> factory = make_client_factory(loop.get_executor());
};

}  // namespace signwatch::http::testing
