// The line end to end: real SQLite, real files, the real loops; the provider and the stream are scripted.
#include <deque>
#include <functional>

#include <gtest/gtest.h>

#include "core/documents/filesystem/file_document_store.hpp"
#include "core/pipeline/outbox_relay.hpp"
#include "core/pipeline/recovery.hpp"
#include "core/pipeline/scheduler.hpp"
#include "core/runtime/system_clock.hpp"
#include "core/state/sqlite/sqlite_state_store.hpp"
#include "tests/fakes/recording_observer.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::pipeline {
namespace {

using namespace std::chrono_literals;
using signwatch::testing::NoProgress;
using signwatch::testing::RecordingObserver;
using signwatch::testing::TempDir;

StatusUpdate update_of(const std::string& job, ProcessState state, const std::string& fingerprint, int documents) {
    StatusUpdate update;
    update.account = "acme";
    update.process_id = job;
    update.state = state;
    update.provider_status = "S";
    update.fingerprint = fingerprint;
    update.acknowledge_at = Sensitive("https://provider.example/confirm/" + job);
    for (int i = 0; i < documents; ++i) {
        update.documents.push_back({DocumentKind::pades, i, Sensitive("https://provider.example/" + job)});
    }
    return update;
}

AccountTerms terms_without_limit() {
    AccountTerms terms;
    terms.calls_per_second = 0;
    return terms;
}

// Gives scripted updates, one a poll; downloads and acknowledgements answer by script, else well.
struct ScriptedProvider : Provider {
    AccountTerms account_terms;
    std::deque<StatusUpdate> queue;
    std::deque<Error> download_failures;
    std::deque<Error> acknowledge_failures;
    std::deque<Error> poll_failures;
    std::deque<AcknowledgeOutcome> acknowledge_outcomes;
    std::vector<std::string> acknowledged;
    std::function<void()> on_acknowledge = [] {};
    int polls = 0;
    int downloads = 0;

    const AccountTerms& terms() const override { return account_terms; }
    std::vector<WatchKey> standing_watches() const override { return {{"acme", WatchKind::queue, "portal"}}; }

    Task<PollResult> poll(Watch) override {
        ++polls;
        throw_next(poll_failures);
        PollResult result;
        result.wait = 20ms;
        if (!queue.empty()) {
            result.verdict = PollVerdict::updated;
            result.wait = 0ms;
            result.updates.push_back(std::move(queue.front()));
            queue.pop_front();
        }
        co_return result;
    }

    Task<void> download(DocumentRef, DocumentSink& sink) override {
        ++downloads;
        throw_next(download_failures);
        const std::string body = "document " + std::to_string(downloads);
        sink.write(std::as_bytes(std::span{body}));
        co_return;
    }

    Task<AcknowledgeOutcome> acknowledge(Sensitive acknowledge_at) override {
        throw_next(acknowledge_failures);
        acknowledged.push_back(acknowledge_at.reveal().substr(33));
        on_acknowledge();
        AcknowledgeOutcome outcome = AcknowledgeOutcome::done;
        if (!acknowledge_outcomes.empty()) {
            outcome = acknowledge_outcomes.front();
            acknowledge_outcomes.pop_front();
        }
        co_return outcome;
    }

    static void throw_next(std::deque<Error>& failures) {
        if (failures.empty()) return;
        const Error error = failures.front();
        failures.pop_front();
        throw error;
    }
};

struct ScriptedVerifier : DocumentVerifier {
    int refusals = 0;

    Task<Verification> verify(DocumentKind, int, std::uint64_t) override {
        if (refusals > 0) {
            --refusals;
            throw Error(ErrorKind::integrity, "pdf_html", "a page of HTML");
        }
        co_return Verification{"application/pdf", "signed"};
    }
};

struct LineTest : ::testing::Test {
    LineTest() {
        auto scripted = std::make_unique<ScriptedProvider>();
        provider = scripted.get();
        provider->account_terms.account = "acme";
        provider->account_terms.unanswered_wait = 100ms;
        provider->account_terms.first_backoff = 5ms;
        provider->account_terms.longest_backoff = 20ms;
        provider->account_terms.max_attempts = 3;
        accounts.emplace("acme", std::make_unique<Account>(loop.get_executor(), std::move(scripted), budget));
    }

    // Runs the loops until `done` or half a minute has passed; gives whether it was done.
    bool run_until(std::function<bool()> done) {
        Scheduler scheduler(parts, accounts, processor, tasks);
        Recovery recovery(parts, accounts, processor, tasks);
        wake_recovery = [&recovery] { recovery.wake(); };
        tasks.spawn("start", start(scheduler, recovery));
        const auto deadline = std::chrono::steady_clock::now() + 30s;
        while (!done() && std::chrono::steady_clock::now() < deadline)
            loop.run_one_for(10ms);
        scheduler.stop();
        recovery.stop();
        loop.run();
        loop.restart();
        wake_recovery = [] {};
        return done();
    }

    Task<void> start(Scheduler& scheduler, Recovery& recovery) {
        co_await recovery.prepare();
        co_await scheduler.prepare();
        tasks.spawn("scheduler", scheduler.run());
        tasks.spawn("recovery", recovery.run());
    }

    std::size_t events() { return view->events(EntryId{}, 1000).size(); }

    TempDir directory;
    boost::asio::io_context loop{1};
    runtime::SystemClock clock{loop.get_executor()};
    NoProgress progress;
    RecordingObserver observer;
    runtime::BlockingPool pool{2};
    std::unique_ptr<StateStore> state = sqlite::open_state_store(directory.path() / "state.db", progress);
    std::unique_ptr<StateView> view = sqlite::open_state_view(directory.path() / "state.db");
    std::unique_ptr<DocumentStore> documents =
        filesystem::open_document_store(directory.path() / "documents", pool, progress);
    ScriptedVerifier verifier;
    LineParts parts{loop.get_executor(), clock, *state, *documents, verifier, observer, progress};
    runtime::TaskGroup tasks{loop.get_executor(),
                             [](const std::string& name, const std::string& what) { FAIL() << name << ": " << what; }};
    CallBudget budget{"acme", clock, *state, terms_without_limit()};
    std::function<void()> wake_recovery = [] {};
    UpdateProcessor processor{parts, [] {}, [this] { wake_recovery(); }};
    Accounts accounts;
    ScriptedProvider* provider = nullptr;
};

TEST_F(LineTest, a_completed_job_goes_the_whole_way_once) {
    provider->queue.push_back(update_of("1", ProcessState::completed, "a", 2));
    bool durable_first = false;
    provider->on_acknowledge = [&] { durable_first = events() == 1 && view->summary().documents == 2; };
    ASSERT_TRUE(run_until([&] { return provider->acknowledged.size() == 1; }));
    EXPECT_TRUE(durable_first);
    EXPECT_EQ(observer.count("committed:io.signwatch.signature.completed.v1"), 1U);
    EXPECT_EQ(observer.count("acknowledged:done"), 1U);
    EXPECT_EQ(view->summary().unacknowledged, 0U);
}

TEST_F(LineTest, a_redelivery_is_acknowledged_again_without_a_second_event) {
    provider->queue.push_back(update_of("1", ProcessState::completed, "a", 1));
    ASSERT_TRUE(run_until([&] { return provider->acknowledged.size() == 1; }));
    provider->queue.push_back(update_of("1", ProcessState::completed, "a", 1));
    ASSERT_TRUE(run_until([&] { return provider->acknowledged.size() == 2; }));
    EXPECT_EQ(events(), 1U);
    EXPECT_EQ(observer.count("stored"), 1U) << "what came before it was known to be a redelivery is thrown away";
    EXPECT_EQ(observer.count("recorded:committed"), 1U);
}

TEST_F(LineTest, a_document_that_is_not_one_is_tried_again_and_then_parked_without_acknowledging) {
    provider->queue.push_back(update_of("1", ProcessState::completed, "a", 1));
    verifier.refusals = 100;
    ASSERT_TRUE(run_until([&] { return observer.count("parked:pdf_html") == 1; }));
    EXPECT_EQ(observer.count("rejected:pdf_html"), 3U);
    EXPECT_TRUE(provider->acknowledged.empty());
    EXPECT_EQ(view->summary().parked, 1U);
    EXPECT_EQ(view->events(EntryId{}, 10).back().event.message.type, "io.signwatch.signature.attention.v1");
}

TEST_F(LineTest, outages_of_the_provider_never_park) {
    provider->queue.push_back(update_of("1", ProcessState::completed, "a", 1));
    for (int i = 0; i < 10; ++i)
        provider->download_failures.emplace_back(ErrorKind::transient, "http_503", "busy");
    ASSERT_TRUE(run_until([&] { return provider->acknowledged.size() == 1; }));
    EXPECT_EQ(observer.count("deferred:http_503"), 10U);
    EXPECT_EQ(view->summary().parked, 0U);
}

TEST_F(LineTest, a_lost_answer_to_an_acknowledgement_is_sent_again_and_gone_then_means_done) {
    provider->queue.push_back(update_of("1", ProcessState::completed, "a", 0));
    provider->acknowledge_failures.emplace_back(ErrorKind::transient, "http_io", "cut");
    provider->acknowledge_outcomes.push_back(AcknowledgeOutcome::gone);
    ASSERT_TRUE(run_until([&] { return observer.count("acknowledged:assumed") == 1; }));
    EXPECT_EQ(events(), 1U);
}

TEST_F(LineTest, gone_at_the_first_attempt_is_no_success) {
    provider->queue.push_back(update_of("1", ProcessState::completed, "a", 0));
    provider->acknowledge_outcomes.push_back(AcknowledgeOutcome::gone);
    ASSERT_TRUE(run_until([&] { return observer.count("acknowledged:left") == 1; }));
    EXPECT_EQ(view->process("acme", "1")->updates.at(0).acknowledgement, "left");
}

TEST_F(LineTest, once_a_newer_update_is_recorded_the_older_one_is_left_unacknowledged) {
    provider->queue.push_back(update_of("1", ProcessState::in_progress, "a", 0));
    provider->acknowledge_failures.emplace_back(ErrorKind::transient, "http_io", "cut");
    provider->account_terms.first_backoff = 200ms;
    provider->account_terms.longest_backoff = 200ms;
    ASSERT_TRUE(run_until([&] {
        if (observer.count("deferred:http_io") == 1 && provider->queue.empty() && provider->polls < 4) {
            provider->queue.push_back(update_of("1", ProcessState::completed, "b", 1));
        }
        return observer.count("acknowledged:left") == 1 && observer.count("acknowledged:done") == 1;
    }));
    EXPECT_EQ(provider->acknowledged.size(), 1U);
    EXPECT_EQ(events(), 2U);
}

TEST_F(LineTest, updates_of_one_job_are_committed_in_order_also_when_the_first_is_slow) {
    provider->queue.push_back(update_of("1", ProcessState::in_progress, "a", 1));
    provider->queue.push_back(update_of("1", ProcessState::completed, "b", 1));
    provider->download_failures.emplace_back(ErrorKind::transient, "http_503", "busy");
    ASSERT_TRUE(run_until([&] { return events() == 2 && observer.count("acknowledged:done") >= 1; }));
    const std::vector<EventRow> rows = view->events(EntryId{}, 10);
    EXPECT_EQ(rows[0].event.message.type, "io.signwatch.signature.progressed.v1");
    EXPECT_EQ(rows[1].event.message.type, "io.signwatch.signature.completed.v1");
    EXPECT_EQ(observer.count("recorded:waiting"), 1U);
}

TEST_F(LineTest, what_was_recorded_is_finished_by_the_next_run_without_a_poll) {
    provider->queue.push_back(update_of("1", ProcessState::completed, "a", 1));
    provider->download_failures.emplace_back(ErrorKind::transient, "http_503", "busy");
    provider->account_terms.first_backoff = 1h;
    provider->account_terms.longest_backoff = 1h;
    ASSERT_TRUE(run_until([&] { return observer.count("deferred:http_503") == 1; }));
    provider->poll_failures.assign(100, Error(ErrorKind::transient, "http_503", "still busy"));
    ASSERT_TRUE(run_until([&] { return provider->acknowledged.size() == 1; }));
    EXPECT_EQ(events(), 1U);
}

TEST_F(LineTest, held_updates_are_kept_and_never_acknowledged) {
    StatusUpdate update = update_of("1", ProcessState::unknown, "a", 0);
    update.hold = true;
    provider->queue.push_back(std::move(update));
    ASSERT_TRUE(run_until([&] { return events() == 1; }));
    EXPECT_TRUE(provider->acknowledged.empty());
}

TEST_F(LineTest, a_full_queue_is_drained_with_bounded_flight) {
    provider->account_terms.max_in_flight = 4;
    for (int i = 0; i < 50; ++i) {
        provider->queue.push_back(update_of(std::to_string(i), ProcessState::completed, "a", 1));
    }
    ASSERT_TRUE(run_until([&] { return provider->acknowledged.size() == 50; }));
    EXPECT_EQ(events(), 50U);
    EXPECT_EQ(observer.count("poll_before_permitted"), 0U);
}

}  // namespace
}  // namespace signwatch::pipeline
