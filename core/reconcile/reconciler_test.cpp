// One run against a real record, real files and a stream in memory, with each kind of damage.
#include "core/reconcile/reconciler.hpp"

#include <filesystem>
#include <fstream>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "core/crypto/digest.hpp"
#include "core/documents/filesystem/file_document_store.hpp"
#include "core/ports/kept_layout.hpp"
#include "core/runtime/system_clock.hpp"
#include "core/state/sqlite/sqlite_state_store.hpp"
#include "tests/fakes/memory_event_stream.hpp"
#include "tests/fakes/recording_observer.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::reconcile {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using signwatch::testing::MemoryEventStream;
using signwatch::testing::MemoryEventStreams;
using signwatch::testing::NoProgress;
using signwatch::testing::TempDir;

struct ReconcilerTest : ::testing::Test {
    ReconcilerTest() {
        terms.account = "hub";
        terms.provider = ProviderKind::signhub;
        terms.process_interval = 300s;
        terms.unanswered_wait = 120s;
        terms.documents_again = DocumentsAgain::by_reference;
        terms.completed_has_documents = true;
    }

    template <typename T>
    T wait(Task<T> task) {
        auto result = boost::asio::co_spawn(loop, std::move(task), boost::asio::use_future);
        loop.restart();
        loop.run();
        return result.get();
    }

    Report run(bool repair) {
        Order order;
        order.repair = repair;
        order.accounts = {{"hub", terms}};
        order.daemon_runs = false;
        Reconciler reconciler({clock, *view, view_pool, *documents, &streams, state.get()}, std::move(order));
        return wait(reconciler.run());
    }

    void register_process(const std::string& process) {
        Registration registration;
        registration.provider = ProviderKind::signhub;
        registration.account = "hub";
        registration.process_id = process;
        registration.correlation_id = "c" + process;
        FirstLooks looks;
        looks.due_at = {clock.schedule_now() + 1h};
        looks.now = clock.schedule_now();
        wait(state->register_processes({registration}, looks, clock.now()));
    }

    // A completed process with one document, published.
    UpdateId complete(const std::string& process, const std::string& content) {
        StatusUpdate update;
        update.provider = ProviderKind::signhub;
        update.account = "hub";
        update.process_id = process;
        update.state = ProcessState::completed;
        update.provider_status = "S";
        update.fingerprint = "f-" + process;
        update.documents = {DocumentRef{DocumentKind::signed_pdf, 0, Sensitive("flow/" + process)}};
        const RecordResult recorded = wait(state->record_update(update, clock.schedule_now()));
        commit(recorded.id, process, content);
        publish();
        return recorded.id;
    }

    void commit(UpdateId id, const std::string& process, const std::string& content) {
        auto staged = documents->stage(content.size());
        staged->write(std::as_bytes(std::span(content)));
        StoredDocument document;
        document.kind = DocumentKind::signed_pdf;
        document.digest = staged->digest();
        document.uri = wait(documents->put(std::move(staged))).uri;
        CommitUpdate request;
        request.id = id;
        request.now = clock.now();
        request.documents = {document};
        request.compose = [process](const EventContext& context) {
            EventMessage message;
            message.id = process + "-" + std::to_string(context.sequence);
            message.partition_key = "signhub/hub/" + process;
            message.sequence = context.sequence;
            message.json = "{}";
            return message;
        };
        wait(state->commit_update(request));
    }

    // What the relay does.
    void publish() {
        for (bool again = true; again;) {
            const std::vector<OutboxEvent> events = wait(state->claim_outbox(100));
            const StreamLayout layout = *StreamLayout::parse(wait(state->remember("stream_layout", "1@0-0")));
            again = !events.empty();
            for (const OutboxEvent& event : events) {
                PublishResult result = wait(streams.at(layout.partition_of(event)).publish({}, {event}));
                if (result.displaced.empty())
                    wait(state->mark_published({event.row}, clock.now()));
                else
                    wait(state->reassign_entries(result.displaced, result.end, clock.now()));
            }
        }
    }

    OutboxEvent last_event() { return view->events({}, 100).back().event; }

    fs::path file_of(const std::string& content) const {
        const std::string sha256 = crypto::sha256_hex(content);
        return directory.path() / "documents" / "objects" / sha256.substr(0, 2) / sha256;
    }

    // What no part of signwatch would do.
    void tamper(const char* sql) {
        sqlite3* database = nullptr;
        ASSERT_EQ(sqlite3_open((directory.path() / "state.db").c_str(), &database), SQLITE_OK);
        sqlite3_busy_timeout(database, 5'000);
        EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
        sqlite3_close(database);
    }

    void expect_only(const Report& report, Kind kind, Remedy remedy) {
        EXPECT_EQ(report.found(), 1U);
        EXPECT_EQ(report.tally(kind).found, 1U) << name_of(kind);
        ASSERT_EQ(report.divergences().size(), 1U);
        EXPECT_EQ(report.divergences()[0].kind, kind) << name_of(report.divergences()[0].kind);
        EXPECT_EQ(report.divergences()[0].remedy, remedy) << name_of(report.divergences()[0].remedy);
        EXPECT_EQ(report.left_out(), std::vector<std::string>{});
    }

    TempDir directory;
    NoProgress progress;
    boost::asio::io_context loop{1};
    runtime::SystemClock clock{loop.get_executor()};
    runtime::BlockingPool view_pool{1};
    runtime::BlockingPool document_pool{2};
    std::unique_ptr<StateStore> state = sqlite::open_state_store(directory.path() / "state.db", progress);
    std::unique_ptr<StateView> view = sqlite::open_state_view(directory.path() / "state.db");
    std::unique_ptr<DocumentStore> documents =
        filesystem::open_document_store(directory.path() / "documents", document_pool, progress, 0);
    MemoryEventStreams streams;
    MemoryEventStream& stream = streams.at(undivided);
    AccountTerms terms;
};

TEST_F(ReconcilerTest, a_sound_record_has_no_divergence) {
    EXPECT_EQ(run(true).found(), 0U);
    for (int i = 0; i < 30; ++i) {
        register_process(std::to_string(i));
        if (i % 3 == 0) complete(std::to_string(i), i % 2 == 0 ? "shared" : "contract " + std::to_string(i));
    }
    const Report report = run(true);
    EXPECT_EQ(report.found(), 0U);
    EXPECT_TRUE(report.left_out().empty());
    EXPECT_EQ(report.documents, 10U);
    EXPECT_EQ(report.objects, 6U);
    EXPECT_EQ(report.events, 10U);
    EXPECT_GT(report.bytes, 0U);
}

TEST_F(ReconcilerTest, a_document_that_is_gone_is_fetched_again_and_told_once) {
    for (const std::string process : {"1", "2", "3"})
        complete(process, "contract " + process);
    fs::remove(file_of("contract 2"));
    expect_only(run(false), Kind::document_missing, Remedy::none);
    const Report report = run(true);
    expect_only(report, Kind::document_missing, Remedy::ordered);
    EXPECT_EQ(report.divergences()[0].process_id, "2");
    EXPECT_EQ(report.open(), 0U);
    const auto pending = wait(state->claim_unfinished({"hub"}, clock.schedule_now(), clock.schedule_now() + 1h, 9));
    ASSERT_EQ(pending.size(), 1U);
    EXPECT_EQ(pending[0].update.documents.at(0).locator.reveal(), "flow/2");
    commit(pending[0].id, "2", "contract 2");
    publish();
    EXPECT_EQ(run(false).found(), 0U);
    EXPECT_EQ(stream.entries().size(), 3U);
}

TEST_F(ReconcilerTest, a_flipped_byte_and_a_cut_document_are_corrupt) {
    complete("1", "contract");
    fs::permissions(file_of("contract"), fs::perms::owner_all);
    std::fstream(file_of("contract"), std::ios::in | std::ios::out).put('X');
    expect_only(run(false), Kind::document_corrupt, Remedy::none);
    fs::resize_file(file_of("contract"), 3);
    expect_only(run(true), Kind::document_corrupt, Remedy::ordered);
}

TEST_F(ReconcilerTest, what_a_provider_gives_once_cannot_be_mended) {
    complete("1", "contract");
    fs::remove(file_of("contract"));
    terms.documents_again = DocumentsAgain::never;
    const Report report = run(true);
    expect_only(report, Kind::document_missing, Remedy::impossible);
    EXPECT_EQ(report.open(), 1U);
    terms.documents_again = DocumentsAgain::until_acknowledged;
    expect_only(run(true), Kind::document_missing, Remedy::ordered);
}

TEST_F(ReconcilerTest, a_document_whose_process_has_left_the_record_is_no_orphan_and_still_looked_after) {
    complete("1", "contract");
    complete("2", "another contract");
    const WallTime later = clock.now() + 1h;
    wait(state->prune(later));
    PrunedProcesses step = wait(state->prune_processes({later, later, later}));
    EXPECT_EQ(step.processes, 2U);
    fs::last_write_time(file_of("contract"), fs::file_time_type::clock::now() - 24h * 500);
    const Report sound = run(true);
    EXPECT_EQ(sound.found(), 0U);
    EXPECT_EQ(sound.documents, 2U);
    EXPECT_EQ(sound.objects, 2U);
    fs::remove(file_of("contract"));
    const Report report = run(true);
    expect_only(report, Kind::document_missing, Remedy::impossible);
    EXPECT_EQ(report.divergences()[0].process_id, "");
    EXPECT_TRUE(fs::exists(file_of("another contract")));
}

TEST_F(ReconcilerTest, a_document_without_a_row_goes_after_its_grace_and_not_before) {
    complete("1", "contract");
    const std::string content = "nobody's";
    auto staged = documents->stage(content.size());
    staged->write(std::as_bytes(std::span(content)));
    wait(documents->put(std::move(staged)));
    EXPECT_EQ(run(true).found(), 0U);
    fs::last_write_time(file_of(content), fs::file_time_type::clock::now() - 25h);
    fs::last_write_time(file_of("contract"), fs::file_time_type::clock::now() - 25h);
    expect_only(run(false), Kind::document_orphaned, Remedy::none);
    EXPECT_TRUE(fs::exists(file_of(content)));
    expect_only(run(true), Kind::document_orphaned, Remedy::done);
    EXPECT_FALSE(fs::exists(file_of(content)));
    EXPECT_TRUE(fs::exists(file_of("contract")));
}

TEST_F(ReconcilerTest, an_entry_that_the_stream_lacks_is_published_again_and_a_trimmed_one_is_not) {
    for (const std::string process : {"1", "2", "3", "4"})
        complete(process, "contract");
    stream.trim(stream.entries().at(1).entry);
    EXPECT_EQ(run(false).found(), 0U);
    stream.lose(stream.entries().at(1).entry);
    const Report report = run(true);
    expect_only(report, Kind::event_missing, Remedy::ordered);
    EXPECT_EQ(report.divergences()[0].account, "hub");
    EXPECT_EQ(report.divergences()[0].process_id, "3");
    publish();
    ASSERT_EQ(stream.entries().size(), 3U);
    EXPECT_EQ(stream.entries().back().message.id, "3-1");
    EXPECT_EQ(run(false).found(), 0U);
}

TEST_F(ReconcilerTest, every_stream_is_compared_by_the_number_that_counted_for_its_events) {
    for (const std::string process : {"1", "2"})
        complete(process, "contract");
    StreamLayout layout(1);
    layout.divide_after(stream.entries().back().entry, 4);
    wait(keep_layout(*state, layout));
    for (const std::string process : {"3", "4", "5"})
        complete(process, "contract");
    EXPECT_EQ(stream.entries().size(), 2U);
    EXPECT_EQ(run(false).found(), 0U);
    const Partition partition = layout.partition_of(last_event());
    streams.at(partition).lose_tail(1);
    expect_only(run(true), Kind::event_missing, Remedy::ordered);
    publish();
    EXPECT_EQ(streams.at(partition).entries().back().message.id, "5-1");
    EXPECT_EQ(run(false).found(), 0U);
    stream.lose_tail(1);
    expect_only(run(true), Kind::event_missing, Remedy::ordered);
    publish();
    EXPECT_EQ(stream.entries().back().message.id, "2-1");
    EXPECT_EQ(run(false).found(), 0U);
}

TEST_F(ReconcilerTest, a_stream_that_cannot_be_reached_is_left_out_and_said_so) {
    complete("1", "contract");
    stream.fail_with(Error(ErrorKind::transient, "redis_connect", "refused"));
    const Report report = run(false);
    EXPECT_EQ(report.found(), 0U);
    ASSERT_EQ(report.left_out().size(), 1U);
    EXPECT_EQ(report.left_out()[0], "events: redis_connect, refused");
    EXPECT_EQ(report.documents, 1U);
}

TEST_F(ReconcilerTest, watches_that_would_never_be_looked_at_come_back) {
    for (const std::string process : {"1", "2", "3"})
        register_process(process);
    tamper("DELETE FROM due_watch WHERE watch_id = (SELECT id FROM watch WHERE target = '2')");
    expect_only(run(false), Kind::watch_unscheduled, Remedy::none);
    expect_only(run(true), Kind::watch_unscheduled, Remedy::done);
    EXPECT_EQ(run(false).found(), 0U);
    tamper("UPDATE due_watch SET due_at = 9000000000000000 WHERE watch_id = (SELECT id FROM watch WHERE target = '3')");
    expect_only(run(true), Kind::watch_far, Remedy::done);
    EXPECT_EQ(run(false).found(), 0U);
    EXPECT_EQ(wait(state->count_watches("hub")), 3U);
}

TEST_F(ReconcilerTest, a_process_that_nothing_looks_at_is_followed_again) {
    register_process("1");
    tamper("UPDATE watch SET rests = 'ended'");
    expect_only(run(true), Kind::process_lost, Remedy::done);
    EXPECT_EQ(run(false).found(), 0U);
    terms.process_interval = 0s;  // queues bring its updates
    tamper("UPDATE process SET watch_id = NULL");
    EXPECT_EQ(run(false).found(), 0U);
}

TEST_F(ReconcilerTest, an_update_without_its_documents_or_without_a_next_attempt_is_put_on_its_way) {
    const UpdateId id = complete("1", "contract");
    tamper("DELETE FROM document");
    fs::remove(file_of("contract"));
    expect_only(run(true), Kind::document_lacking, Remedy::ordered);
    tamper("UPDATE status_update SET next_attempt_at = NULL");
    expect_only(run(true), Kind::update_stopped, Remedy::ordered);
    const auto pending = wait(state->claim_unfinished({"hub"}, clock.schedule_now(), clock.schedule_now() + 1h, 9));
    ASSERT_EQ(pending.size(), 1U);
    EXPECT_EQ(pending[0].id, id);
}

TEST_F(ReconcilerTest, an_account_that_is_not_configured_is_reported_and_left_alone) {
    register_process("1");
    tamper("DELETE FROM due_watch");
    terms.account = "other";
    Order order;
    order.repair = true;
    Reconciler reconciler({clock, *view, view_pool, *documents, &streams, state.get()}, std::move(order));
    expect_only(wait(reconciler.run()), Kind::watch_unscheduled, Remedy::impossible);
}

TEST_F(ReconcilerTest, more_divergences_than_are_kept_are_counted) {
    Report report;
    for (std::size_t i = 0; i < Report::most_kept + 5; ++i)
        report.add({Kind::event_missing, "hub", "1", "entry", i % 2 == 0 ? Remedy::ordered : Remedy::impossible});
    EXPECT_EQ(report.divergences().size(), Report::most_kept);
    EXPECT_EQ(report.found(), Report::most_kept + 5);
    EXPECT_EQ(report.open(), 502U);
}

}  // namespace
}  // namespace signwatch::reconcile
