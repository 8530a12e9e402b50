#include "providers/arqsign/provider.hpp"

#include <deque>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/runtime/task_group.hpp"
#include "providers/arqsign/factory.hpp"
#include "providers/arqsign/test_support.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::arqsign {
namespace {

using namespace std::chrono_literals;

// What became of a call: its result, or the code of its Error.
struct Outcome {
    std::optional<PollResult> poll;
    std::optional<StatusUpdate> whole;
    std::string code;
};

Task<void> keep_poll(Provider& provider, Watch watch, Outcome& outcome) {
    try {
        outcome.poll = co_await provider.poll(std::move(watch));
    } catch (const Error& error) {
        outcome.code = error.code();
    }
}

Task<void> keep_whole(Provider& provider, StatusUpdate update, DocumentIntake& intake, Outcome& outcome) {
    try {
        outcome.whole = co_await provider.complete(std::move(update), intake);
    } catch (const Error& error) {
        outcome.code = error.code();
    }
}

Task<void> keep_download(Provider& provider, DocumentRef document, DocumentSink& sink, Outcome& outcome) {
    try {
        co_await provider.download(std::move(document), sink);
    } catch (const Error& error) {
        outcome.code = error.code();
    }
}

// What the scripted hosts answer next, and what they were asked.
struct Hosts {
    std::deque<HttpResponse> answers;
    std::vector<HttpRequest> requests;
    std::vector<HttpIdentity> identities;  ///< one for each client that was made

    HttpResponse answer(HttpRequest request) {
        requests.push_back(std::move(request));
        if (answers.empty()) throw Error(ErrorKind::transient, "http_connect", "nobody answers");
        HttpResponse next = std::move(answers.front());
        answers.pop_front();
        return next;
    }
};

class ScriptedClient final : public HttpClient {
public:
    explicit ScriptedClient(Hosts& hosts) : hosts_(hosts) {}

    Task<HttpResponse> send(HttpRequest request) override { co_return hosts_.answer(std::move(request)); }

    Task<HttpResponse> download(HttpRequest request, DocumentSink& sink) override {
        HttpResponse response = hosts_.answer(std::move(request));
        if (response.status == 200 || response.status == 201) {
            sink.write(std::as_bytes(std::span{response.body}));
            response.body.clear();
        }
        co_return response;
    }

private:
    Hosts& hosts_;
};

class ScriptedFactory final : public HttpClientFactory {
public:
    explicit ScriptedFactory(Hosts& hosts) : hosts_(hosts) {}
    std::unique_ptr<HttpClient> create(HttpIdentity identity) override {
        hosts_.identities.push_back(std::move(identity));
        return std::make_unique<ScriptedClient>(hosts_);
    }

private:
    Hosts& hosts_;
};

class StillClock final : public Clock {
public:
    WallTime now() const override { return *parse_iso8601("2026-03-04T10:00:00Z"); }
    WallTime schedule_now() const override { return now(); }
    std::chrono::steady_clock::time_point steady_now() const override { return {}; }
    Task<void> sleep_until(WallTime, Wake&) override { throw std::logic_error("a provider never sleeps"); }
};

class MemorySink final : public DocumentSink {
public:
    void write(std::span<const std::byte> bytes) override {
        text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    std::string text;
};

HttpResponse response(int status, std::string body = {}) {
    HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    return response;
}

class ArqSignProviderTest : public ::testing::Test {
protected:
    Settings account() {
        Settings settings = testing::settings();
        settings.document_hosts = {"files.example.test"};
        settings.app_key_file = files.write("app", " app-1\n");
        settings.subscription_key_file = files.write("subscription", "sub-2\r\n");
        settings.account_terms.max_document_size = 5 << 20;
        return settings;
    }

    void run(Task<void> task) {
        loop.restart();
        tasks.spawn("call", std::move(task));
        loop.run();
        EXPECT_THAT(escaped, ::testing::IsEmpty());
    }

    Outcome poll(const std::string& target) {
        Watch watch;
        watch.key = {"acme", WatchKind::process, target};
        return poll(watch);
    }
    Outcome poll(const Watch& watch) {
        Outcome outcome;
        run(keep_poll(provider, watch, outcome));
        return outcome;
    }

    Outcome complete(ProcessState state) {
        StatusUpdate update;
        update.process_id = testing::process_id;
        update.state = state;
        update.incomplete = true;
        Outcome outcome;
        run(keep_whole(provider, std::move(update), intake, outcome));
        return outcome;
    }

    static Watch said_ended(const std::string& seen) {
        Watch watch;
        watch.id = 7;
        watch.key = {"acme", WatchKind::process, testing::process_id};
        watch.seen = seen;
        watch.due_at = from_unix_ms(1'700'000'000'000);
        watch.hurried = watch.said_ended = true;
        watch.via = Via::webhook;
        return watch;
    }
    Outcome fetch_at_once(const Watch& watch) {
        StatusUpdate update = provider.presume_ended(watch).value();
        update.via = watch.via;
        Outcome outcome;
        run(keep_whole(provider, std::move(update), intake, outcome));
        return outcome;
    }

    std::string download(const std::string& url) {
        Outcome outcome;
        run(keep_download(provider, DocumentRef{DocumentKind::signed_pdf, 0, Sensitive{url}, 1, false}, sink, outcome));
        return outcome.code;
    }

    std::string header(const std::string& name) {
        for (const HttpHeader& entry : hosts.requests.back().headers) {
            if (entry.name == name) return entry.value;
        }
        return "";
    }

    boost::asio::io_context loop{1};
    std::vector<std::string> escaped;
    runtime::TaskGroup tasks{loop.get_executor(),
                             [this](const std::string&, const std::string& what) { escaped.push_back(what); }};
    signwatch::testing::TempDir files;
    testing::MemoryIntake intake;
    MemorySink sink;
    Hosts hosts;
    ScriptedFactory http{hosts};
    StillClock clock;
    ArqSignProvider provider{account(), ProviderContext{http, clock, testing::pseudonymise()}};
};

TEST_F(ArqSignProviderTest, looks_at_a_process_with_both_keys) {
    hosts.answers.push_back(response(201, R"({"Status":"Aguardando"})"));
    const PollResult result = poll(testing::process_id).poll.value();
    EXPECT_EQ(result.verdict, PollVerdict::updated);
    EXPECT_EQ(result.updates.at(0).process_id, testing::process_id);
    const HttpRequest& request = hosts.requests.at(0);
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.url.reveal(),
              "https://localhost:8443/api/v1/processo/7b1d8f0e-6f0a-4a57-9f0e-2c5b7a1f3d10/status-do-processo");
    EXPECT_EQ(header("AppKey"), "app-1");
    EXPECT_EQ(header("SubscriptionKey"), "sub-2");
    EXPECT_EQ(header("Accept"), "application/json");
    EXPECT_EQ(request.max_body, 256U << 10);
    EXPECT_EQ(hosts.requests.size(), 1U);
}

TEST_F(ArqSignProviderTest, calls_no_url_that_a_target_could_bend) {
    for (const char* target : {"", "x", "../../api", "7b1d8f0e-6f0a-4a57-9f0e-2c5b7a1f3d10/x"})
        EXPECT_EQ(poll(target).code, "watch_unknown") << target;
    EXPECT_TRUE(hosts.requests.empty());
    EXPECT_TRUE(provider.standing_watches().empty());
}

TEST_F(ArqSignProviderTest, failures_pass_through) {
    EXPECT_EQ(poll(testing::process_id).code, "http_connect");
    EXPECT_EQ(complete(ProcessState::completed).code, "http_connect");
    hosts.answers = {response(500), response(400, "\"Documento excluído.\""), response(429)};
    for (const char* code : {"http_500", "process_deleted", "http_429"})
        EXPECT_EQ(complete(ProcessState::completed).code, code);
}

TEST_F(ArqSignProviderTest, a_concluded_process_comes_in_one_call) {
    hosts.answers.push_back(response(200, testing::fixture("concluded.json")));
    const Outcome outcome = complete(ProcessState::completed);
    ASSERT_EQ(outcome.code, "");
    EXPECT_EQ(outcome.whole->participants.size(), 2U);
    EXPECT_EQ(intake.texts().size(), 4U);
    EXPECT_EQ((intake.texts()[{DocumentKind::signed_pdf, 2}]), "%PDF-1 doc 2");
    EXPECT_EQ(hosts.requests.size(), 1U);
    EXPECT_EQ(hosts.requests[0].url.reveal(),
              "https://localhost:8443/api/v2/processo/7b1d8f0e-6f0a-4a57-9f0e-2c5b7a1f3d10"
              "?arquivoTipo=2&retornarRegistroAssinatura=true");
    EXPECT_EQ(header("AppKey"), "app-1");
    EXPECT_EQ(hosts.requests[0].max_body, 1U << 20);
    EXPECT_GE(hosts.requests[0].total_timeout, 5min);
    EXPECT_EQ(hosts.requests[0].min_bytes_per_second, 0U);
}

TEST_F(ArqSignProviderTest, what_is_said_to_have_ended_comes_in_one_call_as_a_look_would_have_found_it) {
    hosts.answers = {response(200, R"({"idStatus":4,"status":"Concluído"})"),
                     response(200, testing::fixture("concluded.json"))};
    const Outcome looked = poll(testing::process_id);
    hosts.requests.clear();
    const Outcome outcome = fetch_at_once(said_ended("before"));
    ASSERT_EQ(outcome.code, "");
    EXPECT_EQ(hosts.requests.size(), 1U);
    EXPECT_EQ(outcome.whole->state, ProcessState::completed);
    EXPECT_EQ(outcome.whole->fingerprint, looked.poll->updates.at(0).fingerprint);
    EXPECT_TRUE(outcome.whole->ends_watch);
    EXPECT_FALSE(outcome.whole->incomplete);
    EXPECT_EQ(outcome.whole->via, Via::webhook);
    EXPECT_EQ(outcome.whole->watch, 7);
    EXPECT_EQ(intake.texts().size(), 4U);
}

TEST_F(ArqSignProviderTest, who_says_so_is_not_believed) {
    std::string refused = testing::fixture("refused.json");
    refused.replace(refused.find("not base64 at all!"), 18, "JVBERi0xIGRvYw==");
    hosts.answers = {response(200, refused),
                     response(200, R"({"idStatus":3,"status":"Em processo","signatarios":[],"documentos":[]})"),
                     response(400, "\"Documento excluído.\"")};
    EXPECT_EQ(fetch_at_once(said_ended("")).whole->state, ProcessState::rejected);
    const StatusUpdate goes_on = fetch_at_once(said_ended("")).whole.value();
    EXPECT_EQ(goes_on.state, ProcessState::in_progress);
    EXPECT_FALSE(goes_on.ends_watch);
    EXPECT_FALSE(goes_on.fingerprint.starts_with("said-ended/"));
    const StatusUpdate deleted = fetch_at_once(said_ended("")).whole.value();
    EXPECT_EQ(deleted.state, ProcessState::cancelled);
    EXPECT_TRUE(deleted.ends_watch);
}

TEST_F(ArqSignProviderTest, while_it_is_being_fetched_the_same_hint_again_is_the_same_update) {
    const std::string first = provider.presume_ended(said_ended("before"))->fingerprint;
    EXPECT_EQ(provider.presume_ended(said_ended(first))->fingerprint, first);
    Watch later = said_ended("before");
    later.due_at += 1ms;
    EXPECT_NE(provider.presume_ended(later)->fingerprint, first);
}

TEST_F(ArqSignProviderTest, an_end_that_a_look_finds_while_it_is_being_fetched_is_no_second_fetch) {
    Watch watch = said_ended("before");
    watch.seen = provider.presume_ended(watch)->fingerprint;
    watch.hurried = watch.said_ended = false;
    hosts.answers = {response(200, R"({"idStatus":4,"status":"Concluído"})"),
                     response(200, R"({"idStatus":3,"status":"Em processo"})"),
                     response(400, "\"Documento excluído.\"")};
    const PollResult ended = poll(watch).poll.value();
    EXPECT_EQ(ended.updates.at(0).fingerprint, watch.seen) << "no news";
    EXPECT_FALSE(ended.updates.at(0).ends_watch) << "the fetch says so";
    EXPECT_NE(poll(watch).poll->updates.at(0).fingerprint, watch.seen) << "who said so was wrong";
    EXPECT_TRUE(poll(watch).poll->updates.at(0).ends_watch) << "there is nothing to be fetched any more";
}

TEST_F(ArqSignProviderTest, nothing_personal_leaves_the_answer) {
    hosts.answers.push_back(response(201, testing::fixture("concluded.json")));
    const StatusUpdate update = complete(ProcessState::completed).whole.value();
    std::string all = update.raw + update.reference + update.provider_status + update.fingerprint;
    for (const Participant& participant : update.participants)
        all += participant.ref + participant.provider_status;
    for (const char* secret : {"Rosa", "rosa@", "314159", "00000000191", "+55", "Caio", "Loca"})
        EXPECT_EQ(all.find(secret), std::string::npos) << secret;
}

TEST_F(ArqSignProviderTest, a_cancelled_process_brings_no_documents) {
    hosts.answers.push_back(response(200, testing::fixture("refused.json")));
    const Outcome outcome = complete(ProcessState::cancelled);
    ASSERT_EQ(outcome.code, "");
    EXPECT_EQ(outcome.whole->state, ProcessState::rejected);
    EXPECT_TRUE(intake.texts().empty());
    EXPECT_THAT(hosts.requests[0].url.reveal(), ::testing::HasSubstr("arquivoTipo=2&retornarRegistroAssinatura=false"));
}

TEST_F(ArqSignProviderTest, an_empty_or_broken_whole_is_refused) {
    hosts.answers = {response(200, ""),
                     response(204),
                     response(200, "<html>"),
                     response(200, R"({"idStatus":4,"documentos":[{"base64Documento":"%PDF-1.7"}]})")};
    for (const char* code : {"body_empty", "body_empty", "json_syntax", "arqsign_base64"})
        EXPECT_EQ(complete(ProcessState::completed).code, code);
}

TEST_F(ArqSignProviderTest, links_are_fetched_without_our_keys) {
    hosts.answers = {response(200, testing::fixture("links.json")), response(200, "%PDF-1.7 ...")};
    const StatusUpdate update = complete(ProcessState::completed).whole.value();
    ASSERT_EQ(update.documents.size(), 3U);
    EXPECT_EQ(download(update.documents[0].locator.reveal()), "");
    EXPECT_EQ(sink.text, "%PDF-1.7 ...");
    EXPECT_EQ(header("AppKey"), "");
    EXPECT_EQ(header("SubscriptionKey"), "");
    EXPECT_EQ(hosts.requests.back().url.reveal(), "https://files.example.test/a?sig=1%2B");
    EXPECT_EQ(hosts.requests.back().max_body, 5U << 20);
    ASSERT_EQ(hosts.identities.size(), 2U);
    EXPECT_EQ(hosts.identities[1].origin, "https://files.example.test");
}

TEST_F(ArqSignProviderTest, links_to_other_hosts_are_refused_before_any_call) {
    std::string body = testing::fixture("links.json");
    body.replace(body.find("files.example.test"), 18, "files.elsewhere.xy");
    hosts.answers.push_back(response(200, body));
    EXPECT_EQ(complete(ProcessState::completed).code, "url_refused");
    for (const char* url : {"https://elsewhere.test/a", "http://files.example.test/a", "file:///etc/passwd", ""})
        EXPECT_EQ(download(url), "url_refused") << url;
    EXPECT_EQ(hosts.requests.size(), 1U);
    EXPECT_EQ(hosts.identities.size(), 1U);
}

TEST_F(ArqSignProviderTest, keys_must_be_readable_and_clean) {
    const auto made_with = [&](const std::string& content) {
        Settings settings = account();
        settings.app_key_file = files.write("app", content);
        return testing::code_of([&] {
            make_factory()->create(settings, ProviderContext{http, clock, testing::pseudonymise()});
        });
    };
    EXPECT_EQ(made_with("key"), "");
    for (const std::string content : {"", " \n", "two words", "line\nline", "\x01", "k\xC3\xA9y"})
        EXPECT_EQ(made_with(content), "credential_file") << content;
    EXPECT_EQ(made_with(std::string(5'000, 'k')), "credential_file");
    for (const std::string file : {"/nowhere/key", "/"}) {
        Settings settings = account();
        settings.subscription_key_file = file;
        EXPECT_EQ(testing::code_of([&] {
                      make_factory()->create(settings, ProviderContext{http, clock, testing::pseudonymise()});
                  }),
                  "credential_file");
    }
    EXPECT_EQ(make_factory()->kind(), ProviderKind::arqsign);
}

}  // namespace
}  // namespace signwatch::arqsign
