#include "providers/signhub/provider.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/crypto/digest.hpp"
#include "core/http/client_factory.hpp"
#include "core/runtime/system_clock.hpp"
#include "core/runtime/task_group.hpp"
#include "tests/fakes/temp_dir.hpp"
#include "tests/simulator/running_simulator.hpp"
#include "tests/simulator/signhub/simulator.hpp"

// The real provider and the real HTTP client against the simulator.
namespace signwatch::simulator::signhub {
namespace {

namespace client = signwatch::signhub;

class MemorySink final : public DocumentSink {
public:
    void write(std::span<const std::byte> bytes) override {
        text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    std::string text;
};

class SignhubProviderLiveTest : public ::testing::Test {
protected:
    SignhubProviderLiveTest() {
        SignhubOptions options;
        options.directory = directory_.path() / "simulator";
        options.mix.flows = 1;
        options.mix.items = {2, 2};
        simulator_ = std::make_unique<RunningSimulator<SignhubSimulator>>(options);
        client::Settings settings;
        settings.root_url = (*simulator_)->root();
        settings.language = "tr";
        settings.api_key_file = (options.directory / "api.key").string();
        settings.tls.origin = origin_of((*simulator_)->root());
        settings.tls.ca_file = (*simulator_)->keys().authority.string();
        settings.tls.user_agent = "signwatch";
        settings.reading.account = "acme";
        settings.verify_max_size = 1 << 20;
        settings.account_terms.account = "acme";
        provider_ = std::make_unique<client::SignhubProvider>(
            settings, ProviderContext{*http_, clock_, [](const Sensitive& who) {
                                          return crypto::sha256_hex("salt" + who.reveal()).substr(0, 26);
                                      }});
    }

    template <typename Result>
    Task<void> keep(Task<Result> task, std::optional<Result>& result) {
        try {
            result = co_await std::move(task);
        } catch (const Error& error) {
            code_ = error.code();
        }
    }
    Task<void> keep_done(Task<void> task) {
        try {
            co_await std::move(task);
        } catch (const Error& error) {
            code_ = error.code();
        }
    }
    void run(Task<void> task) {
        code_.clear();
        bool done = false;
        runtime::TaskGroup tasks(loop_.get_executor(), [](const std::string&, const std::string&) {});
        tasks.spawn("call", std::move(task));
        loop_.restart();
        while (!done && loop_.run_one_for(std::chrono::seconds{10}) > 0)
            done = tasks.running() == 0;
        EXPECT_TRUE(done);
    }

    std::optional<PollResult> poll(const std::string& flow = "7001") {
        Watch watch;
        watch.key = {"acme", WatchKind::process, flow};
        watch.since = clock_.schedule_now();
        std::optional<PollResult> result;
        run(keep<PollResult>(provider_->poll(std::move(watch)), result));
        return result;
    }
    std::string download(DocumentSink& sink) {
        run(keep_done(provider_->download(DocumentRef{DocumentKind::signed_pdf, 0, Sensitive{"flow/7001"}}, sink)));
        return code_;
    }
    void fault(const std::string& name) { simulator_->post("/faults", {{"clear", true}, {"set", {name}}}); }

    testing::TempDir directory_;
    std::unique_ptr<RunningSimulator<SignhubSimulator>> simulator_;
    boost::asio::io_context loop_{1};
    runtime::SystemClock clock_{loop_.get_executor()};
    std::unique_ptr<http::ClientFactory> http_ = http::make_client_factory(loop_.get_executor());
    std::unique_ptr<client::SignhubProvider> provider_;
    std::string code_;
};

TEST_F(SignhubProviderLiveTest, every_spelling_is_the_same_update) {
    const std::string print = poll()->updates.at(0).fingerprint;
    for (const char* name : {"no-envelope",
                             "pascal-case",
                             "numbers-as-strings",
                             "enum-names",
                             "offset-missing",
                             "byte-order-mark",
                             "slow"}) {
        fault(name);
        const auto result = poll();
        EXPECT_EQ(result->verdict, PollVerdict::updated) << name;
        EXPECT_EQ(result->updates.at(0).fingerprint, print) << name;
        EXPECT_EQ(result->updates.at(0).state, ProcessState::completed) << name;
    }
}

TEST_F(SignhubProviderLiveTest, every_answer_that_is_none_is_told_apart) {
    const std::pair<const char*, const char*> unreadable[] = {{"error-string", "signhub_error"},
                                                              {"error-object", "signhub_error"},
                                                              {"error-array", "signhub_error"},
                                                              {"error-with-result", "signhub_error"},
                                                              {"not-ok", "signhub_error"},
                                                              {"html-200", "json_syntax"},
                                                              {"empty-200", "body_empty"},
                                                              {"truncated", "json_syntax"},
                                                              {"cut-in-body", "body_cut"}};
    for (const auto& [name, code] : unreadable) {
        fault(name);
        const auto result = poll();
        ASSERT_TRUE(result && result->unreadable) << name;
        EXPECT_EQ(result->unreadable->code, code) << name;
    }
    for (const auto& [name, code] : {std::pair{"unauthorized", "http_401"},
                                     std::pair{"html-503", "http_503"},
                                     std::pair{"cut-before", "http_io"}}) {
        fault(name);
        EXPECT_FALSE(poll()) << name;
        EXPECT_EQ(code_, code) << name;
    }
    fault("throttled-until");
    EXPECT_EQ(poll()->wait, std::chrono::seconds{7});
    for (const auto& [name, state] : {std::pair{"unknown-status", ProcessState::unknown},
                                      std::pair{"unknown-item-status", ProcessState::in_progress},
                                      std::pair{"items-disagree", ProcessState::in_progress}}) {
        fault(name);
        EXPECT_EQ(poll()->updates.at(0).state, state) << name;
    }
    fault("slow");
    poll("7777");
    EXPECT_EQ(code_, "http_400");
}

TEST_F(SignhubProviderLiveTest, brings_a_document_and_has_it_inspected) {
    MemorySink sink;
    EXPECT_EQ(download(sink), "");
    const auto flow = control_get((*simulator_)->control(), "/flows/7001");
    EXPECT_EQ(flow["sha256"], crypto::sha256_hex(sink.text));
    EXPECT_EQ(flow["downloads"], 1);
    const auto path = directory_.write("document", sink.text);
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    std::optional<std::string> word;
    run(keep<std::string>(provider_->inspect(DocumentKind::signed_pdf, descriptor, sink.text.size()), word));
    EXPECT_EQ(word, "ALL_VALID");
    fault("verify-html");
    run(keep<std::string>(provider_->inspect(DocumentKind::signed_pdf, descriptor, sink.text.size()), word));
    EXPECT_EQ(word, "unreadable");
    ::close(descriptor);
    EXPECT_EQ(control_get((*simulator_)->control(), "/referee")["violations"], 0);
}

TEST_F(SignhubProviderLiveTest, stores_nothing_that_is_no_document) {
    const std::pair<const char*, const char*> rows[] = {{"pdf-400", "signhub_not_ready"},
                                                        {"pdf-500", "http_500"},
                                                        {"pdf-json", "signhub_error"},
                                                        {"pdf-html", "document_html"},
                                                        {"pdf-empty", "document_empty"}};
    for (const auto& [name, code] : rows) {
        MemorySink sink;
        fault(name);
        EXPECT_EQ(download(sink), code) << name;
        EXPECT_EQ(sink.text, "") << name;
    }
    MemorySink sink;
    fault("pdf-cut");
    EXPECT_EQ(download(sink), "http_io");
}

}  // namespace
}  // namespace signwatch::simulator::signhub
