// Webhooks and sweeps on their way to looks: real SQLite, the real loops; the provider is scripted.
#include <deque>
#include <functional>

#include <gtest/gtest.h>

#include "core/documents/filesystem/file_document_store.hpp"
#include "core/pipeline/notification_reader.hpp"
#include "core/pipeline/recovery.hpp"
#include "core/pipeline/scheduler.hpp"
#include "core/ports/webhooks.hpp"
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

const WatchKey sweep_key{"acme", WatchKind::sweep, "recent"};
const WatchKey health_key{"acme", WatchKind::sweep, "webhooks"};

// "process" is a hint about it, "process!" that it has ended; "{" is rubbish.
struct ScriptedWebhooks : Webhooks {
    WebhookAnswer answer(const WebhookRequest&) const override { return {}; }
    std::size_t max_body() const override { return 1 << 20; }

    std::vector<ProcessHint> read(std::string_view body) const override {
        if (body == "{") throw Error(ErrorKind::permanent, "json_syntax", "no JSON");
        ProcessHint hint;
        hint.ended = body.ends_with('!');
        hint.process_id = body.substr(0, body.size() - (hint.ended ? 1 : 0));
        return {hint};
    }
};

struct Look {
    Watch watch;
    WallTime at;
};

// Every look finds the state that stands for its process; sweeps and completions answer by script.
struct ScriptedProvider : Provider {
    explicit ScriptedProvider(Clock& its_clock) : clock(its_clock) {}

    Clock& clock;
    AccountTerms account_terms;
    ScriptedWebhooks hooks;
    std::map<std::string, std::string> states;  // fingerprints
    std::deque<PollResult> sweeps;
    std::deque<Error> failures;
    std::vector<Look> looks;
    std::vector<WallTime> completions;
    std::function<void(const Watch&)> during_look = [](const Watch&) {};
    std::function<void()> during_completion = [] {};
    milliseconds completion_takes{0};
    bool presumes = false;

    const AccountTerms& terms() const override { return account_terms; }
    std::vector<WatchKey> standing_watches() const override { return {sweep_key, health_key}; }
    const Webhooks* webhooks() const override { return &hooks; }

    std::optional<StatusUpdate> presume_ended(const Watch& watch) const override {
        if (!presumes) return std::nullopt;
        StatusUpdate update = update_of(watch.key.target, "said-ended/" + std::to_string(to_unix_ms(watch.due_at)));
        update.incomplete = true;
        return update;
    }

    StatusUpdate update_of(const std::string& process, const std::string& fingerprint) const {
        StatusUpdate update;
        update.provider = ProviderKind::adobe_sign;
        update.account = "acme";
        update.process_id = process;
        update.fingerprint = fingerprint;
        update.provider_status = fingerprint;
        update.ends_watch = fingerprint == "ended";
        update.state = update.ends_watch ? ProcessState::completed : ProcessState::in_progress;
        update.incomplete = fingerprint == "part";
        return update;
    }

    Task<PollResult> poll(Watch watch) override {
        looks.push_back({watch, clock.schedule_now()});
        during_look(watch);
        if (!failures.empty()) {
            const Error failure = failures.front();
            failures.pop_front();
            throw failure;
        }
        PollResult result;
        result.wait = 1h;
        if (watch.key.kind == WatchKind::sweep && watch.key == sweep_key && !sweeps.empty()) {
            result = std::move(sweeps.front());
            sweeps.pop_front();
        } else if (watch.key.kind == WatchKind::process) {
            result.verdict = PollVerdict::updated;
            result.updates.push_back(update_of(watch.key.target, states[watch.key.target]));
        }
        co_return result;
    }

    Task<StatusUpdate> complete(StatusUpdate update, DocumentIntake&) override {
        completions.push_back(clock.schedule_now());
        during_completion();
        const WallTime done = clock.schedule_now() + completion_takes;
        Wake never;
        co_await clock.sleep_until(done, never);
        StatusUpdate whole = update_of(update.process_id, states[update.process_id]);
        whole.via = update.via;
        whole.incomplete = false;
        if (!update.fingerprint.starts_with("said-ended")) whole.fingerprint = update.fingerprint;
        co_return whole;
    }

    Task<void> download(DocumentRef, DocumentSink&) override { co_return; }
};

struct NoVerifier : DocumentVerifier {
    Task<Verification> verify(DocumentKind, int, std::uint64_t) override { co_return Verification{}; }
};

struct HintsTest : ::testing::Test {
    HintsTest() {
        terms.account = "acme";
        terms.provider = ProviderKind::adobe_sign;
        terms.calls_per_second = 0;
        terms.process_interval = 1h;
        terms.unanswered_wait = 1min;
        terms.first_backoff = 5ms;
        terms.longest_backoff = 20ms;
        auto scripted = std::make_unique<ScriptedProvider>(clock);
        provider = scripted.get();
        provider->account_terms = terms;
        accounts.emplace("acme", std::make_unique<Account>(loop.get_executor(), std::move(scripted), budget));
    }

    // Runs the loops until `done` or half a minute has passed; gives whether it was done.
    bool run_until(std::function<bool()> done) {
        UpdateProcessor processor(
            parts, [] {}, [this] { wake_recovery(); });
        Scheduler scheduler(parts, accounts, processor, tasks);
        Recovery recovery(parts, accounts, processor, tasks);
        NotificationReader reader(parts, accounts, [&scheduler] { scheduler.wake(); });
        wake_recovery = [&recovery] { recovery.wake(); };
        wake_reader = [&reader] { reader.wake(); };
        tasks.spawn("start", start(scheduler, recovery, reader));
        const auto deadline = std::chrono::steady_clock::now() + 30s;
        while (!done() && std::chrono::steady_clock::now() < deadline)
            loop.run_one_for(10ms);
        scheduler.stop();
        recovery.stop();
        reader.stop();
        loop.run();
        loop.restart();
        wake_recovery = wake_reader = [] {};
        return done();
    }

    Task<void> start(Scheduler& scheduler, Recovery& recovery, NotificationReader& reader) {
        co_await recovery.prepare();
        co_await scheduler.prepare();
        tasks.spawn("scheduler", scheduler.run());
        tasks.spawn("recovery", recovery.run());
        tasks.spawn("reader", reader.run());
    }

    void spawn_notification(const std::string& body) { tasks.spawn("sender", notify(body)); }
    Task<void> notify(std::string body) {
        WakingInbox inbox(*state, progress, [this] { wake_reader(); });
        Notification notification;
        notification.account = "acme";
        notification.dedup_key = std::to_string(++keys);
        notification.body = std::move(body);
        notification.received_at = clock.now();
        co_await inbox.queue_notification(std::move(notification));
    }

    // What a crash right behind recording leaves.
    Task<void> record(std::string process, std::string fingerprint) {
        StatusUpdate update = provider->update_of(process, fingerprint);
        update.incomplete = true;
        co_await state->record_update(std::move(update), clock.schedule_now());
    }

    // A process whose regular look is an hour away.
    void register_process(const std::string& process, const std::string& fingerprint) {
        provider->states[process] = fingerprint;
        tasks.spawn("register", add(process));
        loop.run();
        loop.restart();
    }
    Task<void> add(std::string process) {
        Registration registration;
        registration.provider = ProviderKind::adobe_sign;
        registration.account = "acme";
        registration.process_id = process;
        registration.correlation_id = "loan-" + process;
        FirstLooks looks;
        looks.now = clock.schedule_now();
        looks.due_at = {looks.now + 1h};
        std::vector<Registration> registrations{registration};
        co_await state->register_processes(std::move(registrations), std::move(looks), clock.now());
    }

    std::size_t looks_at(const std::string& target) const {
        return static_cast<std::size_t>(
            std::count_if(provider->looks.begin(), provider->looks.end(), [&](const Look& look) {
                return look.watch.key.target == target;
            }));
    }
    bool published(const std::string& text) {
        for (const EventRow& row : view->events(EntryId{}, 1'000))
            if (row.event.message.json.find(text) != std::string::npos) return true;
        return false;
    }
    PollResult page(const std::string& bookmark, std::vector<std::string> processes, milliseconds wait) {
        PollResult result;
        result.bookmark = bookmark;
        result.wait = wait;
        for (const std::string& process : processes) {
            ProcessHint& hint = result.hints.emplace_back();
            hint.process_id = process;
            hint.reference = "ref-" + process;
            hint.token = "1";
        }
        return result;
    }

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
    NoVerifier verifier;
    LineParts parts{loop.get_executor(), clock, *state, *documents, verifier, observer, progress};
    runtime::TaskGroup tasks{loop.get_executor(),
                             [](const std::string& name, const std::string& what) { FAIL() << name << ": " << what; }};
    AccountTerms terms;
    CallBudget budget{"acme", clock, *state, AccountTerms{}};
    std::function<void()> wake_recovery = [] {};
    std::function<void()> wake_reader = [] {};
    Accounts accounts;
    ScriptedProvider* provider = nullptr;
    int keys = 0;
};

TEST_F(HintsTest, a_notification_brings_a_look_and_the_event_says_so) {
    register_process("1", "signed by one");
    spawn_notification("1");
    ASSERT_TRUE(run_until([&] { return published("\"observedVia\":\"webhook\""); }));
    EXPECT_EQ(looks_at("1"), 1U);
    EXPECT_EQ(observer.count("hint:webhook:hurried"), 1U);
    EXPECT_EQ(view->summary().notifications, 0U);
}

TEST_F(HintsTest, a_notification_during_the_look_brings_another_look) {
    register_process("1", "a");
    provider->during_look = [&](const Watch& watch) {
        if (watch.key.target != "1" || looks_at("1") > 1) return;
        spawn_notification("1");
        provider->states["1"] = "b";  // this answer was already on its way
    };
    spawn_notification("1");
    ASSERT_TRUE(run_until([&] { return looks_at("1") == 2; }));
}

TEST_F(HintsTest, rubbish_is_put_aside_and_keeps_nobody_waiting) {
    register_process("1", "a");
    spawn_notification("{");
    spawn_notification("1");
    spawn_notification("nobody's");
    ASSERT_TRUE(
        run_until([&] { return published("webhook") && observer.count("notification_dead:json_syntax") == 1; }));
    EXPECT_EQ(observer.count("hint:webhook:unknown"), 1U);
    EXPECT_EQ(view->summary().notifications_aside, 1U);
    EXPECT_EQ(view->summary().notifications, 0U);
}

TEST_F(HintsTest, notifications_of_an_account_that_is_gone_wait_for_it) {
    std::unique_ptr<Account> gone = std::move(accounts.begin()->second);
    accounts.clear();
    spawn_notification("1");
    const auto soon = std::chrono::steady_clock::now() + 100ms;
    run_until([&] { return std::chrono::steady_clock::now() > soon; });
    EXPECT_EQ(view->summary().notifications, 1U);
    accounts.emplace("acme", std::move(gone));
    register_process("1", "a");
    EXPECT_TRUE(run_until([&] { return looks_at("1") == 1; }));
}

TEST_F(HintsTest, a_thousand_notifications_about_one_process_are_few_looks) {
    register_process("1", "a");
    for (int i = 0; i < 1'000; ++i)
        spawn_notification("1");
    ASSERT_TRUE(run_until([&] { return looks_at("1") > 0 && view->summary().notifications == 0; }));
    EXPECT_LE(looks_at("1"), 20U);
}

TEST_F(HintsTest, a_sweep_goes_on_page_by_page_and_its_bookmark_survives) {
    register_process("1", "a");
    provider->sweeps.push_back(page("page 2", {"1"}, 0ms));
    provider->sweeps.push_back(page("until noon", {"2"}, 1h));
    ASSERT_TRUE(run_until([&] { return published("\"observedVia\":\"sweep\"") && looks_at("recent") == 2; }));
    EXPECT_EQ(provider->looks[0].watch.bookmark, "");
    EXPECT_EQ(observer.count("hint:sweep:hurried"), 1U);
    EXPECT_EQ(observer.count("hint:sweep:unknown"), 1U);
    const auto third = [&] {
        const auto found = std::find_if(provider->looks.begin(), provider->looks.end(), [](const Look& look) {
            return look.watch.key == sweep_key && look.watch.bookmark == "until noon";
        });
        return found != provider->looks.end();
    };
    PollResult gap;
    gap.wait = 1h;
    gap.due_now = {sweep_key};
    provider->sweeps.push_back(std::move(gap));
    tasks.spawn("hurry", state->hurry_watches({sweep_key}, clock.schedule_now()));
    EXPECT_TRUE(run_until(third));
}

TEST_F(HintsTest, an_account_that_adopts_looks_at_what_a_sweep_found) {
    provider->account_terms.adopts = true;
    provider->states["7"] = "ended";
    provider->sweeps.push_back(page("b", {"7"}, 1h));
    ASSERT_TRUE(run_until([&] { return published("signature.completed"); }));
    EXPECT_EQ(view->process("acme", "7")->process.correlation_id, "ref-7");
    EXPECT_EQ(observer.count("hint:sweep:adopted"), 1U);
}

TEST_F(HintsTest, a_sweep_that_fails_comes_again_from_its_bookmark) {
    provider->sweeps.push_back(page("page 2", {}, 0ms));
    provider->during_look = [&](const Watch& watch) {
        if (watch.key == sweep_key && watch.bookmark.empty() && looks_at("recent") == 1)
            provider->failures.emplace_back(ErrorKind::transient, "http_503", "busy");
    };
    const auto bookmarked = [&] {
        return std::any_of(provider->looks.begin(), provider->looks.end(), [](const Look& look) {
            return look.watch.key == sweep_key && look.watch.bookmark == "page 2";
        });
    };
    ASSERT_TRUE(run_until(bookmarked));
    EXPECT_EQ(observer.count("poll_failed:http_503"), 1U);
}

TEST_F(HintsTest, what_the_provider_says_of_our_webhooks_is_told_and_starts_a_sweep) {
    PollResult first;
    first.wait = 1h;
    provider->sweeps.push_back(std::move(first));
    ASSERT_TRUE(run_until([&] { return looks_at("recent") == 1 && looks_at("webhooks") == 1; }));
    PollResult disabled;
    disabled.wait = 1h;
    disabled.webhooks_work = false;
    disabled.due_now = {health_key};
    provider->sweeps.push_back(std::move(disabled));
    tasks.spawn("hurry", state->hurry_watches({sweep_key}, clock.schedule_now()));
    EXPECT_TRUE(run_until([&] { return looks_at("webhooks") == 2; }));
    EXPECT_EQ(observer.count("webhooks:fail"), 1U);
}

TEST_F(HintsTest, a_hurried_look_in_vain_is_not_repeated_for_ever) {
    register_process("1", "a");
    provider->during_look = [&](const Watch& watch) {
        if (watch.key.kind == WatchKind::process)
            provider->failures.emplace_back(ErrorKind::permanent, "http_404", "no");
    };
    spawn_notification("1");
    ASSERT_TRUE(run_until([&] { return observer.count("poll_failed:http_404") == 1; }));
    const auto soon = std::chrono::steady_clock::now() + 200ms;
    run_until([&] { return std::chrono::steady_clock::now() > soon; });
    EXPECT_EQ(looks_at("1"), 1U);
}

TEST_F(HintsTest, what_is_said_to_have_ended_is_fetched_with_one_call) {
    provider->presumes = true;
    register_process("1", "ended");
    spawn_notification("1!");
    ASSERT_TRUE(run_until([&] { return published("signature.completed"); }));
    EXPECT_EQ(looks_at("1"), 0U);
    EXPECT_EQ(provider->completions.size(), 1U);
    EXPECT_FALSE(view->process("acme", "1")->process.watched) << "it has ended";
}

TEST_F(HintsTest, who_said_so_in_vain_is_not_believed) {
    provider->presumes = true;
    register_process("1", "signed by one");
    spawn_notification("1!");
    ASSERT_TRUE(run_until([&] { return published("signed by one"); }));
    EXPECT_FALSE(published("signature.completed"));
    provider->states["1"] = "ended";
    spawn_notification("1");
    ASSERT_TRUE(run_until([&] { return published("signature.completed"); }));
    EXPECT_EQ(looks_at("1"), 1U);
}

TEST_F(HintsTest, what_is_hinted_at_during_the_fetch_is_no_second_one) {
    provider->presumes = true;
    provider->completion_takes = 300ms;
    provider->during_completion = [&] {
        spawn_notification("1");
        spawn_notification("1!");
    };
    register_process("1", "ended");
    spawn_notification("1!");
    ASSERT_TRUE(
        run_until([&] { return published("signature.completed") && observer.count("hint:webhook:hurried") >= 2; }));
    const auto soon = std::chrono::steady_clock::now() + 200ms;
    run_until([&] { return std::chrono::steady_clock::now() > soon; });
    EXPECT_EQ(looks_at("1"), 0U);
    EXPECT_EQ(provider->completions.size(), 1U);
}

TEST_F(HintsTest, nobody_asks_twice_within_the_gap) {
    constexpr auto gap = 300ms;
    provider->account_terms.repeat_gap = gap;
    register_process("1", "part");
    provider->during_look = [&](const Watch& watch) {
        if (watch.key.kind == WatchKind::process) spawn_notification("1");
    };
    spawn_notification("1");
    ASSERT_TRUE(run_until([&] { return looks_at("1") >= 4; }));
    WallTime last{};
    for (const Look& look : provider->looks) {
        if (look.watch.key.kind != WatchKind::process) continue;
        EXPECT_GE(look.at - last, gap);
        last = look.at;
    }
    EXPECT_EQ(observer.count("poll_before_permitted"), 0U);
}

TEST_F(HintsTest, updates_that_follow_each_other_ask_for_the_rest_a_gap_apart_also_across_restarts) {
    constexpr auto gap = 300ms;
    provider->account_terms.repeat_gap = gap;
    register_process("1", "part");
    spawn_notification("1");
    ASSERT_TRUE(run_until([&] { return provider->completions.size() == 1; }));
    tasks.spawn("record", record("1", "part two"));
    loop.run();
    loop.restart();
    ASSERT_TRUE(run_until([&] { return provider->completions.size() == 2; }));
    EXPECT_GE(provider->completions[1] - provider->completions[0], gap);
}

}  // namespace
}  // namespace signwatch::pipeline
