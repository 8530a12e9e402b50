#include <algorithm>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <sstream>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/crypto/digest.hpp"
#include "core/documents/filesystem/file_document_store.hpp"
#include "core/state/sqlite/sqlite_state_store.hpp"
#include "tests/contract/loop.hpp"
#include "tests/fakes/child_process.hpp"
#include "tests/fakes/temp_dir.hpp"
#include "tests/fakes/test_pki.hpp"

namespace signwatch::cli {
namespace {

using nlohmann::json;
using signwatch::testing::KeyPair;
using signwatch::testing::Loop;
using signwatch::testing::RunResult;
using signwatch::testing::TempDir;
using signwatch::testing::TestAuthority;
using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

RunResult signwatch(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), SIGNWATCH_CLI_ALONE);
    return signwatch::testing::run(arguments);
}

std::string content_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// A directory with certificates and an account that uses them.
class Configured : public ::testing::Test {
protected:
    Configured() {
        ::unsetenv("CREDENTIALS_DIRECTORY");
        write_identity(std::chrono::hours{24 * 400});
    }

    void write_identity(std::chrono::hours valid_to) {
        write_identity_as("client", valid_to);
        directory.write("ca.pem", authority.certificate_pem());
    }

    void write_identity_as(const std::string& name, std::chrono::hours valid_to) {
        signwatch::testing::Subject subject;
        subject.common_name = "Our company";
        subject.valid_from = std::chrono::hours{-48};
        subject.valid_to = valid_to;
        const KeyPair pair = authority.issue(subject);
        directory.write(name + ".pem", pair.certificate_pem);
        directory.write(name + ".key", pair.key_pem);
    }

    /// Every configuration of the folder has the mistakes that its first lines name, and no others; how many there are.
    int check_each_of(const std::string& folder, const std::vector<std::string>& left_out) {
        int count = 0;
        for (const auto& entry : fs::directory_iterator(folder)) {
            const auto name = entry.path().stem().string();
            if (std::find(left_out.begin(), left_out.end(), name) != left_out.end()) continue;
            const auto text = content_of(entry.path());
            const auto result = signwatch({"check-config", "-c", directory.write("signwatch.toml", text).string()});
            EXPECT_EQ(result.exit_code, 3) << name;
            std::istringstream lines(text);
            std::size_t expected = 0;
            for (std::string line; std::getline(lines, line) && line.starts_with("# "); ++expected) {
                const auto space = line.find(' ', 2);
                EXPECT_THAT(result.errors, HasSubstr("signwatch.toml:" + line.substr(2, space - 2) + ": ")) << name;
                EXPECT_THAT(result.errors, HasSubstr(line.substr(space + 1))) << name;
            }
            EXPECT_THAT(result.errors, HasSubstr("\n" + std::to_string(expected) + " mistake")) << name;
            ++count;
        }
        return count;
    }

    std::string write_config(const std::string& more = "") {
        const std::string text = "[store]\ndirectory = \"" + directory.path().string() +
                                 "/store\"\n[listen]\ninternal = \"unix:" + directory.path().string() +
                                 "/internal.sock\"\n[[account]]\nname = \"bank\"\nprovider = \"posten\"\n"
                                 "environment = \"production\"\norganisation = \"984661185\"\nca_file = \"ca.pem\"\n"
                                 "client_certificate_file = \"client.pem\"\nclient_key_file = \"client.key\"\n";
        return directory.write("signwatch.toml", text + more).string();
    }

    TestAuthority authority{"Test authority"};
    TempDir directory;
};

TEST_F(Configured, IsCheckedWithoutASocket) {
    const auto trace = (directory.path() / "trace").string();
    const auto result = signwatch::testing::run({"strace",
                                                 "-E",
                                                 "ASAN_OPTIONS=detect_leaks=0",  // cannot look for leaks while traced
                                                 "-f",
                                                 "-e",
                                                 "trace=%network",
                                                 "-o",
                                                 trace,
                                                 SIGNWATCH_CLI_ALONE,
                                                 "check-config",
                                                 "-c",
                                                 write_config()});
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    EXPECT_THAT(result.output, HasSubstr("The configuration is valid."));
    EXPECT_THAT(result.output, HasSubstr("bank     posten    portal   valid until "));
    const auto calls = content_of(trace);
    EXPECT_THAT(calls, HasSubstr("+++ exited with 0 +++")) << "nothing was traced";
    EXPECT_THAT(calls, Not(HasSubstr("socket(")));
    EXPECT_THAT(calls, Not(HasSubstr("connect(")));
}

TEST_F(Configured, IsCheckedForPrograms) {
    const auto result = signwatch({"check-config", "--format", "json", "-c", write_config()});
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    const auto answer = json::parse(result.output);
    EXPECT_EQ(answer["valid"], true);
    EXPECT_EQ(answer["accounts"][0]["name"], "bank");
    EXPECT_EQ(answer["accounts"][0]["watches"][0], "portal");
    EXPECT_EQ(answer["accounts"][0]["certificates"].size(), 2U);

    const auto broken = signwatch({"check-config", "--json", "-c", write_config("flow = [\"portal\"]\n")});
    EXPECT_EQ(broken.exit_code, 3);
    const auto mistake = json::parse(broken.output)["diagnostics"][0];
    EXPECT_EQ(mistake["line"], 13);
    EXPECT_EQ(mistake["column"], 1);
    EXPECT_EQ(mistake["remedy"], "did you mean `flows`?");
}

TEST_F(Configured, RefusesAKeyOfAnotherCertificate) {
    directory.write("client.key", authority.issue({}).key_pem);
    const auto result = signwatch({"check-config", "-c", write_config()});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.errors, HasSubstr("account \"bank\": "));
    EXPECT_THAT(result.errors, HasSubstr("client.key"));
}

TEST_F(Configured, RefusesAnExpiredCertificate) {
    write_identity(std::chrono::hours{-24});
    const auto result = signwatch({"check-config", "-c", write_config()});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.errors, HasSubstr("account \"bank\": the client certificate expired at "));
}

TEST_F(Configured, WarnsOfACertificateThatExpiresSoon) {
    write_identity(std::chrono::hours{24 * 5});
    const auto result = signwatch({"check-config", "-c", write_config()});
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_THAT(result.output, HasSubstr("EXPIRES SOON: "));
}

TEST_F(Configured, AcceptsSystemdCredentialsUnseen) {
    auto text = content_of(write_config());
    text.replace(text.find("client_key_file = \"client.key\""), 30, "client_key_credential = \"key\"\n");
    const auto result = signwatch({"check-config", "-c", directory.write("signwatch.toml", text).string()});
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    EXPECT_THAT(result.output, HasSubstr("not checked (systemd credentials)"));
}

TEST_F(Configured, EveryBrokenConfigurationIsNamedWithItsPlaceAndEndsWithThree) {
    fs::permissions(directory.write("open.key", "a key"), static_cast<fs::perms>(0644));
    directory.write("admin.token", std::string(20, 't') + "\n");
    // What only an unattended daemon must refuse, and an operator at a shell may check; and what needs a provider of
    // Posten's name that hears webhooks, as BrokenConfiguration has it.
    EXPECT_GE(
        check_each_of(
            SIGNWATCH_CONFIG_FIXTURES "/broken",
            {"credential_outside_systemd", "webhook_path_twice", "webhook_path_without_slash", "webhook_pin_unknown"}),
        40);
}

TEST_F(Configured, WhatIsWrongWithinFilesIsNamedWithItsPlaceTogetherWithEverythingElse) {
    const auto other = authority.issue({});
    directory.write("listener.pem", other.certificate_pem);
    directory.write("listener.key", other.key_pem);
    write_identity_as("expired", std::chrono::hours{-24});
    directory.write("garbage.pem", "a certificate");
    directory.write("garbage.key", "a key");
    directory.write("short.token", "too-short\n");
    EXPECT_GE(check_each_of(SIGNWATCH_CONFIG_FIXTURES "/broken_files", {}), 8);
}

TEST_F(Configured, AMissingCredentialHidesNothingElse) {
    ::setenv("CREDENTIALS_DIRECTORY", directory.path().c_str(), 1);
    directory.write("client.key", authority.issue({}).key_pem);
    directory.write("short.token", "too-short\n");
    const auto result =
        signwatch({"check-config",
                   "-c",
                   write_config("[redis]\npassword_credential = \"absent\"\n"
                                "[admin]\nlisten = \"127.0.0.1:9465\"\ntoken_file = \"short.token\"\n")});
    ::unsetenv("CREDENTIALS_DIRECTORY");
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.errors, HasSubstr("`password_credential`: the file "));
    EXPECT_THAT(result.errors, HasSubstr("`token_file`: the file "));
    EXPECT_THAT(result.errors, HasSubstr("account \"bank\": "));
    EXPECT_THAT(result.errors, HasSubstr("\n3 mistakes\n"));
}

TEST_F(Configured, TheExampleIsValidOncePathsExist) {
    auto text = content_of(SIGNWATCH_DEPLOY "/signwatch.toml.example");
    ASSERT_FALSE(text.empty());
    const auto result = signwatch({"check-config", "--json", "-c", directory.write("signwatch.toml", text).string()});
    EXPECT_EQ(result.exit_code, 3);
    const auto answer = json::parse(result.output);
    for (const auto& mistake : answer["diagnostics"]) {
        EXPECT_THAT(mistake["message"].get<std::string>(), HasSubstr("cannot be read: No such file")) << mistake;
    }
}

class NoProgress final : public Progress {
public:
    void reached(Step) noexcept override {}
};

/// A store with one process, its document and its event.
class Stored : public Configured {
protected:
    Stored() : store((directory.path() / "store").string()) {
        fs::create_directory(store);
        fill();
    }

    void fill() {
        Loop loop;
        runtime::BlockingPool pool(1);
        const auto state = sqlite::open_state_store(store + "/state.db", progress);
        const auto documents = filesystem::open_document_store(store + "/documents", pool, progress);
        auto staged = documents->stage(1 << 20);
        staged->write(std::as_bytes(std::span(bytes)));
        StoredDocument document;
        document.digest = staged->digest();
        document.media_type = "application/pdf";
        document.uri = loop.wait(documents->put(std::move(staged))).uri;

        loop.wait(state->sync_watches("bank", {{"bank", WatchKind::queue, "portal"}}, WallTime{}));
        StatusUpdate update;
        update.account = "bank";
        update.process_id = "4711";
        update.state = ProcessState::completed;
        update.provider_status = "COMPLETED";
        update.fingerprint = std::string(64, 'a');
        update.raw = "<xml/>";
        CommitUpdate commit;
        commit.id = loop.wait(state->record_update(update, WallTime{})).id;
        commit.documents = {document};
        commit.compose = [](const EventContext& context) {
            EventMessage message;
            message.id = "event-1";
            message.type = "io.signwatch.signature.completed.v1";
            message.partition_key = "posten/bank/4711";
            message.sequence = context.sequence;
            message.json = R"({"data":{"account":"bank","providerDocumentId":"4711","status":"completed"}})";
            return message;
        };
        loop.wait(state->commit_update(commit));
        const auto events = loop.wait(state->claim_outbox(10));
        ASSERT_EQ(events.size(), 1U);
        loop.wait(state->mark_published({events[0].row}, WallTime{}));
    }

    const std::string bytes = "%PDF-1.7 " + std::string(100'000, 'x');
    NoProgress progress;
    std::string store;
};

TEST_F(Stored, IsShownByEveryCommand) {
    const auto config = write_config();
    EXPECT_THAT(signwatch({"watch", "list", "-c", config}).output, HasSubstr("bank     portal"));
    EXPECT_THAT(signwatch({"process", "list", "-c", config}).output, HasSubstr("4711"));
    EXPECT_THAT(signwatch({"process", "show", "bank", "4711", "--store", store}).output, HasSubstr("COMPLETED"));
    const auto documents = json::parse(signwatch({"document", "list", "--json", "-c", config}).output);
    EXPECT_EQ(documents["documents"][0]["sha256"], crypto::sha256_hex(bytes));
    const auto tail =
        signwatch({"events", "tail", "--from", "beginning", "--count", "1", "--timeout", "20", "-c", config});
    EXPECT_EQ(tail.exit_code, 0) << tail.errors;
    EXPECT_THAT(tail.output, HasSubstr("bank/4711  completed"));
    const auto retry = signwatch({"process", "retry", "bank", "--json", "-c", config});
    EXPECT_EQ(json::parse(retry.output)["retried"], 0) << retry.errors;
}

TEST_F(Stored, GivesDocumentsWithTheRightHashOnly) {
    const auto config = write_config();
    const auto output = (directory.path() / "contract.pdf").string();
    EXPECT_EQ(signwatch({"document", "get", "bank", "4711", "-o", output, "-c", config}).exit_code, 0);
    EXPECT_EQ(content_of(output), bytes);
    fs::remove(output);

    const auto hash = crypto::sha256_hex(bytes);
    const auto object = fs::path(store) / "documents/objects" / hash.substr(0, 2) / hash;
    fs::permissions(object, fs::perms::owner_write, fs::perm_options::add);
    std::ofstream(object, std::ios::in).seekp(50) << "damage";
    EXPECT_EQ(signwatch({"document", "get", "bank", "4711", "-o", output, "-c", config}).exit_code, 5);
    EXPECT_FALSE(fs::exists(output));
    fs::remove(object);
    EXPECT_EQ(signwatch({"document", "get", "bank", "4711", "-o", output, "-c", config}).exit_code, 1);
}

/// Answers one HTTP request on a Unix socket.
class OneAnswer {
public:
    OneAnswer(const std::string& path, const std::string& answer)
        : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        EXPECT_EQ(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        EXPECT_EQ(::listen(listener_, 1), 0);
        thread_ = std::thread([this, answer] {
            pollfd ready{listener_, POLLIN, 0};
            ASSERT_EQ(::poll(&ready, 1, 20'000), 1) << "nobody asked";
            const int connection = ::accept(listener_, nullptr, nullptr);
            char request[4096];
            EXPECT_GT(::recv(connection, request, sizeof request, 0), 0);
            EXPECT_EQ(::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL),
                      static_cast<ssize_t>(answer.size()));
            ::close(connection);
        });
    }
    ~OneAnswer() {
        thread_.join();
        ::close(listener_);
    }
    OneAnswer(const OneAnswer&) = delete;
    OneAnswer& operator=(const OneAnswer&) = delete;

private:
    int listener_;
    std::thread thread_;
};

TEST_F(Stored, TellsWhetherTheDaemonIsReady) {
    const auto config = write_config();
    EXPECT_EQ(signwatch({"status", "-c", config}).exit_code, 4);
    const OneAnswer daemon((directory.path() / "internal.sock").string(),
                           "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 16\r\n\r\n{\"redis\":\"down\"}");
    const auto status = signwatch({"status", "--json", "-c", config});
    EXPECT_EQ(status.exit_code, 0) << status.errors;
    const auto answer = json::parse(status.output);
    EXPECT_EQ(answer["daemon"]["ready"], false);
    EXPECT_EQ(answer["daemon"]["detail"]["redis"], "down");
    EXPECT_EQ(answer["store"]["processes"], 1);
    EXPECT_EQ(answer["watches"][0]["target"], "portal");
}

}  // namespace
}  // namespace signwatch::cli
