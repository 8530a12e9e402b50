#include "providers/signhub/provider.hpp"

#include <deque>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/runtime/task_group.hpp"
#include "providers/signhub/factory.hpp"
#include "providers/signhub/test_support.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::signhub {
namespace {

using namespace std::chrono_literals;
using testing::fixture;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::response;

// What became of a call: its result, or the code of its Error.
struct Outcome {
    std::optional<PollResult> poll;
    std::string inspection;
    std::string code;
};

Task<void> keep_poll(Provider& provider, Watch watch, Outcome& outcome) {
    try {
        outcome.poll = co_await provider.poll(std::move(watch));
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

Task<void> keep_inspection(Provider& provider, int descriptor, std::uint64_t size, Outcome& outcome) {
    try {
        outcome.inspection = co_await provider.inspect(DocumentKind::signed_pdf, descriptor, size);
    } catch (const Error& error) {
        outcome.code = error.code();
    }
}

// What the scripted host answers next, and what it was asked.
struct Host {
    std::deque<HttpResponse> answers;
    std::vector<HttpRequest> requests;
    HttpIdentity identity;

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
    explicit ScriptedClient(Host& host) : host_(host) {}

    Task<HttpResponse> send(HttpRequest request) override { co_return host_.answer(std::move(request)); }

    Task<HttpResponse> download(HttpRequest request, DocumentSink& sink) override {
        HttpResponse response = host_.answer(std::move(request));
        if (response.status == 200) {
            sink.write(std::as_bytes(std::span{response.body}));
            response.body.clear();
        }
        co_return response;
    }

private:
    Host& host_;
};

class ScriptedFactory final : public HttpClientFactory {
public:
    explicit ScriptedFactory(Host& host) : host_(host) {}
    std::unique_ptr<HttpClient> create(HttpIdentity identity) override {
        host_.identity = std::move(identity);
        return std::make_unique<ScriptedClient>(host_);
    }

private:
    Host& host_;
};

class StillClock final : public Clock {
public:
    WallTime now() const override { return *parse_iso8601("2000-01-01T00:00:00Z"); }
    WallTime schedule_now() const override { return *parse_iso8601("2026-03-04T17:00:00Z"); }
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

class SignhubProviderTest : public ::testing::Test {
protected:
    Settings settings() const {
        Settings settings;
        settings.root_url = "https://localhost:8443/signhub";
        settings.language = "en";
        settings.api_key_file = directory.write("api.key", "the-key-of-this-test\n").string();
        settings.tls.origin = "https://localhost:8443";
        settings.reading = testing::rules();
        settings.verify_max_size = 1'000;
        settings.account_terms.account = "acme";
        settings.account_terms.max_document_size = 5 << 20;
        return settings;
    }

    void run(Task<void> task) {
        loop.restart();
        tasks.spawn("call", std::move(task));
        loop.run();
        EXPECT_THAT(escaped, ::testing::IsEmpty());
    }

    Outcome poll(Watch watch = testing::watch()) {
        Outcome outcome;
        run(keep_poll(provider, std::move(watch), outcome));
        return outcome;
    }

    std::string download(DocumentKind kind, const std::string& locator) {
        Outcome outcome;
        run(keep_download(provider, DocumentRef{kind, 0, Sensitive{locator}}, sink, outcome));
        return outcome.code;
    }

    Outcome inspect(const std::string& document, std::uint64_t size) {
        std::FILE* file = std::fopen(directory.write("document", document).c_str(), "rb");
        Outcome outcome;
        run(keep_inspection(provider, ::fileno(file), size, outcome));
        std::fclose(file);
        return outcome;
    }

    std::string header(const std::string& name) {
        for (const HttpHeader& entry : host.requests.back().headers) {
            if (entry.name == name) return entry.value;
        }
        return "";
    }

    signwatch::testing::TempDir directory;
    boost::asio::io_context loop{1};
    std::vector<std::string> escaped;
    runtime::TaskGroup tasks{loop.get_executor(),
                             [this](const std::string&, const std::string& what) { escaped.push_back(what); }};
    MemorySink sink;
    Host host;
    ScriptedFactory http{host};
    StillClock clock;
    SignhubProvider provider{settings(), ProviderContext{http, clock, testing::pseudonymise()}};
};

TEST_F(SignhubProviderTest, looks_at_one_flow_in_one_call) {
    host.answers.push_back(response(200, fixture("running.json")));
    const PollResult result = poll().poll.value();
    ASSERT_EQ(result.updates.size(), 1U);
    EXPECT_EQ(result.updates[0].state, ProcessState::in_progress);
    EXPECT_EQ(result.updates[0].process_id, "7001");
    EXPECT_EQ(result.wait, 10min) << "seven hours after its registration, by the schedule's clock";
    ASSERT_EQ(host.requests.size(), 1U);
    EXPECT_EQ(host.requests[0].method, "POST");
    EXPECT_EQ(host.requests[0].url.reveal(), "https://localhost:8443/signhub/flow/ApiGetFlowStatus");
    EXPECT_EQ(header("X-API-KEY"), "the-key-of-this-test");
    EXPECT_EQ(header("Content-Type"), "application/json");
    EXPECT_THAT(host.requests[0].body, HasSubstr("\"flowId\":7001}"));
    EXPECT_THAT(host.requests[0].url.reveal(), Not(HasSubstr("key")));
}

TEST_F(SignhubProviderTest, two_calls_never_have_the_same_request_id) {
    host.answers = {response(200, fixture("running.json")), response(200, fixture("running.json"))};
    poll();
    poll();
    EXPECT_NE(host.requests.at(0).body, host.requests.at(1).body);
}

TEST_F(SignhubProviderTest, looks_at_nothing_that_is_no_flow) {
    Watch watch = testing::watch();
    watch.key.kind = WatchKind::queue;
    EXPECT_EQ(poll(watch).code, "watch_unknown");
    for (const char* target : {"", "7001,\"x\":1", "../7001", "007"})
        EXPECT_EQ(poll(testing::watch(target)).code, "watch_unknown") << target;
    EXPECT_TRUE(host.requests.empty());
    EXPECT_TRUE(provider.standing_watches().empty());
}

TEST_F(SignhubProviderTest, failures_pass_through) {
    EXPECT_EQ(poll().code, "http_connect");
    host.answers = {response(401), response(503), response(400)};
    for (const char* code : {"http_401", "http_503", "http_400"})
        EXPECT_EQ(poll().code, code);
}

TEST_F(SignhubProviderTest, downloads_the_signed_document) {
    host.answers.push_back(response(200, "%PDF-1.7 ..."));
    EXPECT_EQ(download(DocumentKind::signed_pdf, "flow/7001"), "");
    EXPECT_EQ(sink.text, "%PDF-1.7 ...");
    EXPECT_THAT(host.requests.back().url.reveal(),
                ::testing::StartsWith("https://localhost:8443/signhub/flow/ApiDownloadSignedPdf?requestId="));
    EXPECT_THAT(host.requests.back().url.reveal(), ::testing::EndsWith("&flowId=7001"));
    EXPECT_EQ(header("X-API-KEY"), "the-key-of-this-test");
    EXPECT_EQ(host.requests.back().max_body, 5U << 20);
}

TEST_F(SignhubProviderTest, stores_nothing_that_is_no_document) {
    host.answers = {response(200), response(200, "<html>"), response(200, "{}"), response(400), response(500)};
    for (const char* code : {"document_empty", "document_html", "signhub_error", "signhub_not_ready", "http_500"})
        EXPECT_EQ(download(DocumentKind::signed_pdf, "flow/7001"), code);
    EXPECT_EQ(sink.text, "");
}

TEST_F(SignhubProviderTest, downloads_nothing_that_is_not_ours) {
    for (const char* locator : {"", "flow/", "7001", "flow/7001&x=1", "flow/../7001", "https://localhost/7001"})
        EXPECT_EQ(download(DocumentKind::signed_pdf, locator), "document_foreign") << locator;
    EXPECT_EQ(download(DocumentKind::xades, "flow/7001"), "document_foreign");
    EXPECT_TRUE(host.requests.empty());
}

TEST_F(SignhubProviderTest, asks_the_provider_about_a_document) {
    host.answers = {
        response(200, R"({"summary":"ALL_VALID","signatureValidations":[{"x":"SERIALNUMBER=10000000146"}]})"),
        response(200, "SERIALNUMBER=10000000146"),
        response(503)};
    EXPECT_EQ(inspect("%PDF-1.7", 8).inspection, "ALL_VALID");
    EXPECT_THAT(host.requests.back().body, HasSubstr("\r\n\r\n%PDF-1.7\r\n--signwatch-"));
    EXPECT_EQ(header("X-API-KEY"), "the-key-of-this-test");
    EXPECT_EQ(inspect("%PDF-1.7", 8).inspection, "unreadable");
    EXPECT_EQ(inspect("%PDF-1.7", 8).code, "http_503");
    EXPECT_EQ(host.requests.size(), 3U);
    EXPECT_EQ(inspect("%PDF-1.7", 1'001).inspection, "not inspected: too large");
    EXPECT_EQ(host.requests.size(), 3U);
}

TEST_F(SignhubProviderTest, is_made_by_its_factory_if_its_key_can_be_read) {
    const ProviderContext context{http, clock, testing::pseudonymise()};
    Settings given = settings();
    EXPECT_EQ(make_factory()->create(given, context)->terms().account, "acme");
    EXPECT_EQ(host.identity.origin, "https://localhost:8443");
    given.api_key_file = (directory.path() / "none").string();
    EXPECT_EQ(testing::code_of([&] { make_factory()->create(given, context); }), "signhub_api_key");
}

}  // namespace
}  // namespace signwatch::signhub
