#include "providers/posten/provider.hpp"

#include <deque>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/runtime/task_group.hpp"
#include "providers/posten/factory.hpp"
#include "providers/posten/test_support.hpp"

namespace signwatch::posten {
namespace {

using namespace std::chrono_literals;

// What became of a call: its result, or the code of its Error.
struct Outcome {
    std::optional<PollResult> poll;
    std::optional<AcknowledgeOutcome> acknowledged;
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

Task<void> keep_acknowledgement(Provider& provider, Sensitive address, Outcome& outcome) {
    try {
        outcome.acknowledged = co_await provider.acknowledge(std::move(address));
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

HttpResponse response(int status, std::string body = {}, std::vector<HttpHeader> headers = {}) {
    HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    response.headers = std::move(headers);
    return response;
}

class PostenProviderTest : public ::testing::Test {
protected:
    static Settings queues() {
        Settings settings = testing::settings();
        settings.queues = {{Flow::portal, ""}, {Flow::direct, "lån & co/ø"}};
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
        watch.key = {"acme", WatchKind::queue, target};
        Outcome outcome;
        run(keep_poll(provider, watch, outcome));
        return outcome;
    }

    std::string download(DocumentKind kind, const std::string& url) {
        Outcome outcome;
        run(keep_download(provider, DocumentRef{kind, 0, Sensitive{url}}, sink, outcome));
        return outcome.code;
    }

    Outcome acknowledge(const std::string& url) {
        Outcome outcome;
        run(keep_acknowledgement(provider, Sensitive{url}, outcome));
        return outcome;
    }

    std::string header(const std::string& name) {
        for (const HttpHeader& entry : host.requests.back().headers) {
            if (entry.name == name) return entry.value;
        }
        return "";
    }

    boost::asio::io_context loop{1};
    std::vector<std::string> escaped;
    runtime::TaskGroup tasks{loop.get_executor(),
                             [this](const std::string&, const std::string& what) { escaped.push_back(what); }};
    MemorySink sink;
    Host host;
    ScriptedFactory http{host};
    StillClock clock;
    PostenProvider provider{queues(), ProviderContext{http, clock, testing::pseudonymise()}};
};

TEST_F(PostenProviderTest, polls_the_default_queue_without_a_parameter) {
    host.answers.push_back(response(204));
    EXPECT_EQ(poll("portal").poll.value().verdict, PollVerdict::empty);
    const HttpRequest& request = host.requests.at(0);
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.url.reveal(), "https://localhost:8443/api/123456789/portal/signature-jobs");
    EXPECT_EQ(header("Accept"), "application/xml");
    EXPECT_EQ(request.body, "");
    EXPECT_EQ(request.max_body, 1U << 20);
    EXPECT_EQ(request.connect_timeout, 5s);
    EXPECT_EQ(request.total_timeout, 10s);
}

TEST_F(PostenProviderTest, percent_encodes_the_name_of_a_queue) {
    host.answers.push_back(response(200, testing::direct_body("IN_PROGRESS", "WAITING")));
    const PollResult result = poll("direct/lån & co/ø").poll.value();
    EXPECT_EQ(host.requests.at(0).url.reveal(),
              "https://localhost:8443/api/123456789/direct/signature-jobs?polling_queue=l%C3%A5n%20%26%20co%2F%C3%B8");
    ASSERT_EQ(result.updates.size(), 1U);
    EXPECT_EQ(result.updates[0].process_id, "7");
}

TEST_F(PostenProviderTest, has_one_watch_per_queue_and_polls_no_other) {
    ASSERT_EQ(provider.standing_watches().size(), 2U);
    EXPECT_EQ(provider.standing_watches()[0], (WatchKey{"acme", WatchKind::queue, "portal"}));
    EXPECT_EQ(provider.standing_watches()[1], (WatchKey{"acme", WatchKind::queue, "direct/lån & co/ø"}));
    EXPECT_EQ(poll("portal/other").code, "watch_unknown");
    EXPECT_TRUE(host.requests.empty());
}

TEST_F(PostenProviderTest, a_failure_of_the_transport_passes_through) {
    EXPECT_EQ(poll("portal").code, "http_connect");
}

TEST_F(PostenProviderTest, downloads_a_pades_and_a_xades) {
    host.answers = {response(200, "%PDF-1.7 ..."), response(200, "<XAdES/>")};
    EXPECT_EQ(download(DocumentKind::pades, "https://localhost:8443/p"), "");
    EXPECT_EQ(sink.text, "%PDF-1.7 ...");
    EXPECT_EQ(header("Accept"), "application/octet-stream, application/xml");
    EXPECT_EQ(host.requests.back().url.reveal(), "https://localhost:8443/p");
    EXPECT_EQ(host.requests.back().max_body, 100U << 20);
    EXPECT_EQ(host.requests.back().connect_timeout, 10s);
    EXPECT_GE(host.requests.back().total_timeout, 5min);
    EXPECT_EQ(download(DocumentKind::xades, "https://localhost:8443/x"), "");
    EXPECT_EQ(header("Accept"), "application/xml");
}

TEST_F(PostenProviderTest, refuses_a_download_that_is_no_document) {
    host.answers = {
        response(200, ""), response(200, "<html>", {{"Content-Type", "text/html"}}), response(404), response(503)};
    for (const char* code : {"document_empty", "document_html", "document_gone", "http_503"}) {
        EXPECT_EQ(download(DocumentKind::pades, "https://localhost:8443/p"), code);
    }
}

TEST_F(PostenProviderTest, calls_no_address_that_is_not_https) {
    for (const char* url : {"",
                            "http://localhost:8443/p",
                            "file:///etc/passwd",
                            "HTTPS://localhost/p",
                            "https://localhost/a b",
                            "https://localhost/\r\nX: 1",
                            "https://localhost/\xC3\xA5",
                            "//localhost/p"}) {
        EXPECT_EQ(download(DocumentKind::pades, url), "url_refused") << url;
        EXPECT_EQ(acknowledge(url).code, "url_refused") << url;
    }
    EXPECT_TRUE(host.requests.empty());
}

TEST_F(PostenProviderTest, acknowledges_with_an_empty_post) {
    host.answers = {response(204), response(409), response(500)};
    EXPECT_EQ(acknowledge("https://localhost:8443/c").acknowledged, AcknowledgeOutcome::done);
    EXPECT_EQ(host.requests.back().method, "POST");
    EXPECT_EQ(host.requests.back().url.reveal(), "https://localhost:8443/c");
    EXPECT_EQ(host.requests.back().body, "");
    EXPECT_EQ(header("Accept"), "application/xml");
    EXPECT_EQ(acknowledge("https://localhost:8443/c").acknowledged, AcknowledgeOutcome::gone);
    EXPECT_EQ(acknowledge("https://localhost:8443/c").code, "http_500");
}

TEST_F(PostenProviderTest, the_factory_builds_it_from_its_settings) {
    const auto factory = make_factory();
    EXPECT_EQ(factory->kind(), ProviderKind::posten);
    const Settings settings = queues();
    const auto built = factory->create(settings, ProviderContext{http, clock, testing::pseudonymise()});
    EXPECT_EQ(built->terms().account, "acme");
    EXPECT_EQ(host.identity.origin, "https://localhost:8443");
}

}  // namespace
}  // namespace signwatch::posten
